import type { Bindings } from './bindings.ts';
import { timestamp } from './clock.ts';
import { withinTime } from './cursor.ts';

/** https://hl7.org/fhir/R4/search.html#prefix */
export type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** A searched period in milliseconds, half open. For `ap` the caller has widened it already. */
export interface SearchedPeriod {
  readonly prefix: DatePrefix;
  readonly from: number;
  readonly to: number;
}

function bounded(instant: number): string {
  return timestamp(withinTime(instant));
}

interface Ends {
  /** Start and end of the stored period. */
  readonly start: string;
  readonly end: string;
  /** Bind the start and the end of the searched one; a value that is not in the text must not be bound. */
  readonly from: () => string;
  readonly to: () => string;
}

const CONDITIONS: Readonly<Record<DatePrefix, (ends: Ends) => string>> = {
  eq: ({ start, end, from, to }) => `(${start} >= ${from()} and ${end} <= ${to()})`,
  ne: ({ start, end, from, to }) => `not (${start} >= ${from()} and ${end} <= ${to()})`,
  gt: ({ end, to }) => `${end} > ${to()}`,
  lt: ({ start, from }) => `${start} < ${from()}`,
  ge: ({ start, end, from, to }) => `(${end} > ${to()} or (${start} >= ${from()} and ${end} <= ${to()}))`,
  le: ({ start, end, from, to }) => `(${start} < ${from()} or (${start} >= ${from()} and ${end} <= ${to()}))`,
  sa: ({ start, to }) => `${start} >= ${to()}`,
  eb: ({ end, from }) => `${end} <= ${from()}`,
  ap: ({ start, end, from, to }) => `(${start} < ${to()} and ${end} > ${from()})`,
};

/** Compares a stored instant, which lasts one millisecond, with the searched period. `column` is a timestamptz. */
export function instantCondition(column: string, period: SearchedPeriod, bindings: Bindings): string {
  return CONDITIONS[period.prefix]({
    start: column,
    end: `(${column} + interval '1 millisecond')`,
    from: () => bindings.bind(bounded(period.from), 'timestamptz'),
    to: () => bindings.bind(bounded(period.to), 'timestamptz'),
  });
}

/** Compares stored periods `{ from, to }` of a search parameter with the searched one: any of them may match. */
export function periodCondition(search: string, param: string, period: SearchedPeriod, bindings: Bindings): string {
  const condition = CONDITIONS[period.prefix]({
    start: `(e ->> 'from')::float8`,
    end: `(e ->> 'to')::float8`,
    from: () => bindings.bind(period.from, 'float8'),
    to: () => bindings.bind(period.to, 'float8'),
  });
  return `exists (select from jsonb_array_elements(${search} -> ${bindings.bind(param, 'text')}) as e where ${condition})`;
}
