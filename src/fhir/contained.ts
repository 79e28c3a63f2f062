import { problem } from '../problem.ts';
import { isObject } from './check-value.ts';
import { BSN_SYSTEM, URA_SYSTEM } from './identifiers.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The number by which a contained resource is known here. */
const NUMBERS: ReadonlyMap<unknown, string> = new Map([
  ['Patient', BSN_SYSTEM],
  ['Organization', URA_SYSTEM],
]);
const NAME = /^[A-Za-z]{1,40}$/;

/**
 * A resource without its contained Patients and Organizations: a reference to one becomes the identifier (BSN, URA) that it
 * has. Nothing else of a contained resource is looked at or kept. https://hl7.org/fhir/R4/references.html#contained
 *
 * @returns the value itself when it contains nothing
 * @throws Problem `invalid` for a contained resource of another type or without its number, and for a reference to none
 */
export function withoutContained(value: unknown): unknown {
  if (!isObject(value) || value['contained'] === undefined) return value;
  const type =
    typeof value['resourceType'] === 'string' && NAME.test(value['resourceType']) ? value['resourceType'] : '';
  const numbers = numbersIn(value['contained'], `${type}.contained`);
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'contained'));
  return resolve(rest, numbers, type);
}

/** The identifier of each contained resource, by the reference to it. */
function numbersIn(contained: unknown, path: string): ReadonlyMap<string, Fields> {
  if (!Array.isArray(contained) || contained.length === 0) throw refuse('element-shape', 'Not a list.', path);
  const numbers = new Map<string, Fields>();
  for (const [at, resource] of contained.entries()) {
    const here = `${path}[${at}]`;
    if (!isObject(resource) || typeof resource['id'] !== 'string' || numbers.has(`#${resource['id']}`)) {
      throw refuse('contained-unnamed', 'A contained resource has an id of its own.', here);
    }
    numbers.set(`#${resource['id']}`, numberOf(resource, here));
  }
  return numbers;
}

function numberOf({ resourceType, identifier }: Fields, path: string): Fields {
  const system = NUMBERS.get(resourceType);
  if (system === undefined) {
    throw refuse('contained-refused', 'Only a Patient or an Organization may be contained.', path);
  }
  const own: readonly unknown[] = Array.isArray(identifier) ? identifier : [];
  const numbers = own.filter((one) => isObject(one) && one['system'] === system);
  const [number] = numbers;
  if (numbers.length === 1 && isObject(number)) return { system, value: number['value'] };
  const text = 'A contained Patient has one BSN, a contained Organization one URA.';
  throw refuse('contained-without-number', text, `${path}.identifier`);
}

/** A copy with every reference to a contained resource replaced. The depth was limited when the text was read. */
function resolve(value: unknown, numbers: ReadonlyMap<string, Fields>, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, at) => resolve(item, numbers, `${path}[${at}]`));
  if (!isObject(value)) return value;
  const { reference, ...rest } = value;
  if (typeof reference === 'string' && reference.startsWith('#') && value['identifier'] === undefined) {
    const identifier = numbers.get(reference);
    if (identifier !== undefined) return { ...rest, identifier };
    throw refuse('contained-unknown', 'A reference names nothing that is contained.', `${path}.reference`);
  }
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, resolve(inner, numbers, NAME.test(key) ? `${path}.${key}` : path)]),
  );
}

function refuse(code: string, text: string, expression: string) {
  return problem('invalid', code, text, expression);
}

const LOCAL = /"reference":"(#[^"]*)"/g;

/** Whether contained resources refer to each other in a circle, which whoever follows references never leaves. */
export function isCircular(contained: unknown): boolean {
  if (!Array.isArray(contained)) return false;
  const waiting = new Map<string, ReadonlySet<string>>(
    contained.filter(isObject).map((one) => [`#${String(one['id'])}`, localReferences(one)]),
  );
  // What refers to nothing that waits is in no circle; when only what does is left, it is one.
  const isFree = (references: ReadonlySet<string>): boolean => [...references].every((one) => !waiting.has(one));
  for (let before = -1; before !== waiting.size;) {
    before = waiting.size;
    for (const [name, references] of waiting) if (isFree(references)) waiting.delete(name);
  }
  return waiting.size > 0;
}

function localReferences(resource: Fields): ReadonlySet<string> {
  return new Set([...JSON.stringify(resource).matchAll(LOCAL)].map(([, reference = '']) => reference));
}
