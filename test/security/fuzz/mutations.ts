import fc from 'fast-check';
import { text, value } from './values.ts';

/** One change of a JSON document, at a place that is chosen among those it turns out to have. */
interface Mutation {
  /** 0 up to 1: how far along the document's places. */
  readonly at: number;
  readonly how: 'replace' | 'remove' | 'repeat' | 'add' | 'wrap';
  readonly key: string;
  readonly value: unknown;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat', 'add', 'wrap'),
  key: fc.oneof(
    text,
    fc.constantFrom('id', 'extension', 'contained', 'modifierExtension', 'provision', 'part', 'entry'),
  ),
  value,
});

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string;
}

function placesOf(node: unknown, into: Place[] = []): Place[] {
  if (typeof node !== 'object' || node === null) return into;
  for (const key of Object.keys(node)) {
    into.push({ parent: node as Place['parent'], key });
    placesOf((node as Record<string, unknown>)[key], into);
  }
  return into;
}

/** A property of its own, also when its name is `__proto__`. */
function put(parent: object, key: string, to: unknown): void {
  Object.defineProperty(parent, key, { value: to, enumerable: true, configurable: true, writable: true });
}

function apply({ at, how, key: newKey, value: given }: Mutation, document: unknown): void {
  const places = placesOf(document);
  const place = places[Math.floor(at * places.length)];
  if (place === undefined) return;
  const { parent, key } = place;
  const now = (parent as Record<string, unknown>)[key];
  // A copy: the same one may come twice, and must not end inside itself.
  const to = structuredClone(given);
  if (how === 'replace') put(parent, key, to);
  else if (how === 'remove') Reflect.deleteProperty(parent, key);
  else if (how === 'wrap') put(parent, key, [now]);
  else if (how === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(now));
  else put(parent, Array.isArray(parent) ? String(parent.length) : newKey, to);
}

/** A copy of the document with all of these changes, one after the other. */
export function mutated(document: unknown, mutations: readonly Mutation[]): unknown {
  const copy = structuredClone(document);
  for (const one of mutations) apply(one, copy);
  return copy;
}
