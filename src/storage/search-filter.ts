import type { Bindings } from './bindings.ts';
import { type DatePrefix, instantCondition, periodCondition } from './date-condition.ts';

/** One condition of a search; several must all hold, of `values` one. Rows are compared by their search values. */
export type Filter =
  | { readonly kind: 'id'; readonly values: readonly string[] }
  | { readonly kind: 'lastUpdated'; readonly prefix: DatePrefix; readonly from: number; readonly to: number }
  | {
      readonly kind: 'token' | 'reference';
      readonly param: string;
      readonly values: readonly string[];
      /** True: none of the values may be there. */
      readonly not?: boolean;
    }
  | {
      readonly kind: 'string';
      readonly param: string;
      readonly match: 'starts' | 'exact' | 'contains';
      /** Folded as the stored ones are. */
      readonly values: readonly string[];
    }
  | {
      readonly kind: 'date';
      readonly param: string;
      readonly prefix: DatePrefix;
      readonly from: number;
      readonly to: number;
    }
  /** Citizens by keyed hash; for tables that have one. */
  | { readonly kind: 'patientKey'; readonly values: readonly Buffer[] };

type StringFilter = Extract<Filter, { kind: 'string' }>;

/** The row holds one of these search values. Written so that the index on `search` serves it. */
export function holdsOneOf(param: string, values: readonly string[], bindings: Bindings): string {
  const wanted = values.map((value) => `t.search @> ${bindings.bind(JSON.stringify({ [param]: [value] }), 'jsonb')}`);
  return wanted.length === 0 ? 'false' : `(${wanted.join(' or ')})`;
}

function pattern(match: 'starts' | 'contains', value: string): string {
  const literal = value.replace(/[\\%_]/g, '\\$&');
  return match === 'starts' ? `${literal}%` : `%${literal}%`;
}

function stringCondition({ param, match, values }: StringFilter, bindings: Bindings): string {
  if (match === 'exact') return holdsOneOf(param, values, bindings);
  const patterns = bindings.bind(
    values.map((value) => pattern(match, value)),
    'text[]',
  );
  const elements = `jsonb_array_elements_text(t.search -> ${bindings.bind(param, 'text')})`;
  return `exists (select from ${elements} as e where e like any(${patterns}))`;
}

/** The condition on a resource row `t`. */
export function filterCondition(filter: Filter, bindings: Bindings): string {
  switch (filter.kind) {
    case 'id':
      return `t.id = any(${bindings.bind(filter.values, 'text[]')})`;
    case 'patientKey':
      return `t.patient_key = any(${bindings.bind(filter.values, 'bytea[]')})`;
    case 'lastUpdated':
      return instantCondition('t.recorded_at', filter, bindings);
    case 'token':
    case 'reference': {
      const holds = holdsOneOf(filter.param, filter.values, bindings);
      return filter.not === true ? `not ${holds}` : holds;
    }
    case 'string':
      return stringCondition(filter, bindings);
    case 'date':
      return periodCondition('t.search', filter.param, filter, bindings);
  }
}
