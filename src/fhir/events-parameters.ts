import { problem } from '../problem.ts';
import { readParameters } from './parameters.ts';
import type { SearchPair } from './search-request.ts';

/** Most subscriptions whose status is asked in one call. */
const MOST_ASKED = 100;
/** Numbers of events are counted from 1. */
const NUMBER = /^\d{1,9}$/;
const LAST_NUMBER = 999_999_999;

/** Which events of a subscription are asked for: numbers, both included. */
export interface EventRange {
  readonly first: number;
  readonly last: number;
}

const RANGE = {
  eventsSinceNumber: { value: 'valueString' },
  eventsUntilNumber: { value: 'valueString' },
} as const;
const ID = { id: { value: 'valueId', min: 1 } } as const;

/** Reads the input of `Subscription/$status` without an id in the address. @throws Problem `malformed`. */
export function readStatusRequest(body: unknown): string[] {
  const given = readParameters({ id: { value: 'valueId', min: 1, max: MOST_ASKED } } as const, body);
  return [...new Set(given.id.map(({ value }) => value))];
}

/** Reads an input that must hold nothing: the address says all. @throws Problem `malformed`. */
export function readNothing(body: unknown): void {
  readParameters({}, body);
}

/** Reads the input of `Subscription/id/$events`. @throws Problem `malformed`. */
export function readEventRange(body: unknown): EventRange {
  return rangeOf(readParameters(RANGE, body));
}

/** Reads the input of `Subscription/$events`. @throws Problem `malformed`. */
export function readEventsRequest(body: unknown): EventRange & { readonly id: string } {
  const given = readParameters({ ...ID, ...RANGE }, body);
  return { id: given.id[0].value, ...rangeOf(given) };
}

/** The query of a GET as Parameters: https://hl7.org/fhir/R4/operations.html#request */
export function parametersOfQuery(query: readonly SearchPair[]): object {
  const pairs = query.filter(([name]) => name !== '_format');
  return { resourceType: 'Parameters', parameter: pairs.map(([name, value]) => ({ name, valueString: value })) };
}

type Given = Readonly<Record<keyof typeof RANGE, readonly { readonly value: string; readonly expression: string }[]>>;

function rangeOf({ eventsSinceNumber: [since], eventsUntilNumber: [until] }: Given): EventRange {
  return {
    first: since === undefined ? 1 : numberOf(since),
    last: until === undefined ? LAST_NUMBER : numberOf(until),
  };
}

function numberOf({ value, expression }: Given['eventsSinceNumber'][number]): number {
  if (NUMBER.test(value)) return Number(value);
  throw problem(
    'malformed',
    'value-malformed',
    'The number of an event is a whole number.',
    `${expression}.valueString`,
  );
}
