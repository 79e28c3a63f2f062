import type { ElementDefinition, ElementDefinitionConstraint } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

/** A FHIRPath rule of a profile, compiled once. */
export interface Invariant {
  readonly key: string;
  /** What the profile tells people, in its own words. */
  readonly human: string;
  /**
   * @param focus the element
   * @param resource the resource that holds it
   */
  readonly holds: (focus: unknown, resource: unknown) => boolean;
}

/** They need a terminology server, other resources or a validator, none of which exists while an element is judged. */
const NOT_AT_HAND = /\b(?:resolve|memberOf|conformsTo|subsumes|subsumedBy|htmlChecks)\s*\(/;

/**
 * Compiles one constraint of an element. It holds when its expression gives exactly `true`; an expression that gives
 * nothing or cannot be evaluated on a value does not hold.
 *
 * @throws Error naming the constraint when its expression cannot be compiled or evaluated.
 */
export function compileInvariant(element: ElementDefinition, constraint: ElementDefinitionConstraint): Invariant {
  const { key, human, expression = '' } = constraint;
  const base = element.path.replaceAll('[x]', '');
  if (NOT_AT_HAND.test(expression))
    throw new Error(`Constraint ${key} of ${base} needs what only a server could answer.`);
  const evaluate = compile(base, key, expression);
  const holds: Invariant['holds'] = (focus, resource) => {
    try {
      const result = evaluate(focus, { resource, rootResource: resource });
      return result.length === 1 && result[0] === true;
    } catch {
      return false;
    }
  };
  return { key, human, holds: remembering(holds, expression) };
}

/** What an expression may look at beside its focus: members of the resource; and what cannot be told from its words. */
const RESOURCE_MEMBER = /%resource\.([A-Za-z]+)\b/g;
const ELSEWHERE = /%|\b(?:now|today|timeOfDay)\s*\(/;
const EVERYWHERE = /\b(?:children|descendants|repeat|toString)\s*\(/;
/** Nine digits may be a BSN. */
const NUMBER = /\d{9}/;
/** Results that are remembered, and how long what they are about may be, in characters. */
const MOST_REMEMBERED = 100;
const LONGEST_REMEMBERED = 2000;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The same rule, which remembers what it said about elements that come again and again, such as a place: evaluating costs a
 * hundred times as much. Only for an expression that looks at nothing but its focus and named members of the resource. An
 * element that may hold a BSN is remembered until the next one comes.
 */
function remembering(holds: Invariant['holds'], expression: string): Invariant['holds'] {
  const look = lookOf(expression);
  if (look === undefined) return holds;
  const known = new Map<string, boolean>();
  const personal = new Map<string, boolean>();
  return (focus, resource) => {
    const seen = look(focus, resource);
    const text = seen === undefined ? '' : JSON.stringify(seen);
    if (text === '' || text.length > LONGEST_REMEMBERED) return holds(focus, resource);
    const memory = NUMBER.test(text) ? personal : known;
    const said = memory.get(text) ?? holds(focus, resource);
    if (memory === personal || memory.size >= MOST_REMEMBERED) memory.clear();
    memory.set(text, said);
    return said;
  };
}

/** What is looked at, as values; nothing when that is all there is. */
type Look = (focus: unknown, resource: unknown) => readonly unknown[] | undefined;

/** Everything an expression can look at, and maybe more; nothing when that cannot be told. */
function lookOf(expression: string): Look | undefined {
  const plain = expression.replaceAll(/'[^']*'/g, '');
  const members = [...plain.matchAll(RESOURCE_MEMBER)].map(([, name = '']) => name);
  if (ELSEWHERE.test(plain.replaceAll(RESOURCE_MEMBER, ''))) return undefined;
  const words = [...new Set(plain.match(/[A-Za-z]+/g))];
  // Of a whole resource an expression sees what it names: a choice element by the beginning of its JSON name.
  const isNamed = (key: string): boolean => words.some((word) => key.startsWith(word) || key.startsWith(`_${word}`));
  return (focus, resource) => {
    if (focus !== resource) return [focus, ...members.map((name) => (resource as Fields | undefined)?.[name])];
    if (EVERYWHERE.test(plain)) return undefined;
    return Object.entries(focus as Fields).filter(([key]) => isNamed(key));
  };
}

type Evaluate = (focus: unknown, variables: Record<string, unknown>) => readonly unknown[];

function compile(base: string, key: string, expression: string): Evaluate {
  try {
    const evaluate: Evaluate = fhirpath.compile({ base, expression }, r4, { async: false });
    // Functions that do not exist show only when they are called.
    evaluate([], { resource: {}, rootResource: {} });
    return evaluate;
  } catch (cause) {
    throw new Error(`Constraint ${key} of ${base} cannot be compiled.`, { cause });
  }
}
