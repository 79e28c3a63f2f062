/** For whom a scope is: what a citizen launched, what a user of an application does, what a server does by itself. */
export type Context = 'patient' | 'user' | 'system';
/** Create, read, update, delete, search: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
const LETTERS = ['c', 'r', 'u', 'd', 's'] as const;
export type Letter = (typeof LETTERS)[number];

/** Scopes of what is no interaction with a resource. */
export const OPERATION_SCOPES = [
  'akkoord/consent.check',
  'akkoord/consent.locate',
  'akkoord/consent.record',
  'akkoord/consent.migrate',
  'akkoord/consent.emergency',
  'akkoord/audit.read',
  'akkoord/client.manage',
] as const;
export type OperationScope = (typeof OPERATION_SCOPES)[number];

/** One letter for one type, or for every type (`*`). */
type ResourceGrant = `${Context}/${string}.${Letter}`;

/** What scopes allow, taken apart into single grants, so that two ways to write the same are the same. */
export type Scopes = ReadonlySet<ResourceGrant | OperationScope>;

/** Letters in the order of their name and each once; neither a search part (`?…`) nor the words of SMART v1. */
const RESOURCE_SCOPE = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{0,63})\.(c?r?u?d?s?)$/;

/** What these scopes allow together. A scope that is not defined allows nothing and takes nothing from the others. */
export function parseScopes(words: readonly string[]): Scopes {
  return new Set(words.flatMap(grantsOf));
}

function grantsOf(word: string): (ResourceGrant | OperationScope)[] {
  const operation = OPERATION_SCOPES.find((scope) => scope === word);
  if (operation !== undefined) return [operation];
  const [, context, type = '', letters = ''] = RESOURCE_SCOPE.exec(word) ?? [];
  const given = LETTERS.filter((letter) => letters.includes(letter));
  return given.map((letter) => `${context as Context}/${type}.${letter}` as const);
}

/** What both allow: every type on one side meets each type on the other. */
export function intersectScopes(one: Scopes, other: Scopes): Scopes {
  return new Set([...within(one, other), ...within(other, one)]);
}

function within(scopes: Scopes, bound: Scopes): (ResourceGrant | OperationScope)[] {
  return [...scopes].filter((grant) => bound.has(grant) || bound.has(forEveryType(grant)));
}

/** The same letter for every type; an operation scope has none, and stays as it is. */
function forEveryType(grant: ResourceGrant | OperationScope): ResourceGrant | OperationScope {
  return grant.replace(/\/[A-Za-z]+\.([cruds])$/, '/*.$1') as ResourceGrant | OperationScope;
}

/** The words that allow exactly this, in the order of the grants: what `parseScopes` reads. */
export function writeScopes(scopes: Scopes): string[] {
  const letters = new Map<string, string>();
  for (const grant of scopes) {
    const [, place = grant, letter = ''] = /^([a-z]+\/[A-Za-z*]+)\.([cruds])$/.exec(grant) ?? [];
    letters.set(place, `${letters.get(place) ?? ''}${letter}`);
  }
  return [...letters].map(([place, given]) => (given === '' ? place : `${place}.${inOrder(given)}`));
}

function inOrder(given: string): string {
  return LETTERS.filter((letter) => given.includes(letter)).join('');
}

/** Whether a letter for resources of this type is among what is allowed. */
export function allowsResource(scopes: Scopes, context: Context, type: string, letter: Letter): boolean {
  return scopes.has(`${context}/${type}.${letter}`) || scopes.has(`${context}/*.${letter}`);
}
