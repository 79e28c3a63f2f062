import type { Bindings } from './bindings.ts';
import { timestamp } from './clock.ts';
import { type Cursor, checkLength, readInstant, readNumber, readText } from './cursor.ts';

/** `_id`, `_lastUpdated`, or the name of a date parameter. Rows without such a date come last. */
export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

interface Key {
  readonly expression: string;
  readonly descending: boolean;
  /** Binds the value a cursor holds for this key. @throws Problem malformed when it is of another type */
  readonly bind: (value: unknown) => string;
}

// Later than any date, but a number JSON can carry.
const NEVER = 9e15;

function idKey(descending: boolean, bindings: Bindings): Key {
  return { expression: 't.id', descending, bind: (value) => bindings.bind(readText(value), 'text') };
}

function recordedKey(descending: boolean, bindings: Bindings): Key {
  const bind = (value: unknown): string => bindings.bind(timestamp(readInstant(value)), 'timestamptz');
  return { expression: 't.recorded_at', descending, bind };
}

// Ascending sorts by the earliest start, descending by the latest end: https://hl7.org/fhir/R4/search.html#_sort
function dateKey({ key, descending }: Sort, bindings: Bindings): Key {
  const [choose, end, missing] = descending ? ['max', 'to', -NEVER] : ['min', 'from', NEVER];
  const elements = `jsonb_array_elements(t.search -> ${bindings.bind(key, 'text')})`;
  const expression = `coalesce((select ${choose}((e ->> '${end}')::float8) from ${elements} as e), ${missing})`;
  return { expression, descending, bind: (value) => bindings.bind(readNumber(value), 'float8') };
}

function keyOf(sort: Sort, bindings: Bindings): Key {
  if (sort.key === '_id') return idKey(sort.descending, bindings);
  return sort.key === '_lastUpdated' ? recordedKey(sort.descending, bindings) : dateKey(sort, bindings);
}

/** The sort keys of a search; the id is always the last, so that no two rows are equal. */
function keysOf(sorts: readonly Sort[], bindings: Bindings): Key[] {
  const before = sorts.filter(({ key }) => key !== '_id');
  const id = sorts.find(({ key }) => key === '_id') ?? { key: '_id', descending: sorts.at(-1)?.descending ?? false };
  return [...before, id].map((sort) => keyOf(sort, bindings));
}

/** Rows after the cursor: further in the first key, or equal in it and further in the next, and so on. */
function afterCursor(keys: readonly Key[], cursor: Cursor): string {
  checkLength(cursor, keys.length);
  const bound = keys.map((key, index) => ({ ...key, value: key.bind(cursor[index]) }));
  const steps = bound.map((key, index) => {
    const equal = bound.slice(0, index).map(({ expression, value }) => `${expression} = ${value}`);
    return [...equal, `${key.expression} ${key.descending ? '<' : '>'} ${key.value}`].join(' and ');
  });
  return `(${steps.map((step) => `(${step})`).join(' or ')})`;
}

export interface Order {
  /** The sort keys as columns `sort_0`, `sort_1`, … */
  readonly columns: string;
  readonly orderBy: string;
  /** Condition for the rows after the cursor; `true` without one. */
  readonly after: string;
  readonly cursorOf: (raw: Readonly<Record<string, unknown>>) => Cursor;
}

/** @throws Problem malformed when the cursor does not belong to these sort keys */
export function createOrder(sorts: readonly Sort[], cursor: Cursor | undefined, bindings: Bindings): Order {
  const keys = keysOf(sorts, bindings);
  return {
    columns: keys.map(({ expression }, index) => `${expression} as sort_${index}`).join(', '),
    orderBy: keys.map((key, index) => `sort_${index} ${key.descending ? 'desc' : 'asc'}`).join(', '),
    after: cursor === undefined ? 'true' : afterCursor(keys, cursor),
    cursorOf: (raw) => keys.map((_, index) => raw[`sort_${index}`] as string | number),
  };
}
