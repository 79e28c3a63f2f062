import type { Bindings } from './bindings.ts';
import { holdsOneOf } from './search-filter.ts';

/**
 * What the caller may see at all; every search and every history of a type needs one. `all`, or restrictions that must
 * all hold, at least one of them. An empty list admits nothing.
 */
export type Scope =
  | 'all'
  | {
      /** Citizens. */
      readonly patientKeys?: readonly Buffer[];
      readonly ids?: readonly string[];
      /** Citizens for whom the holder of this vault has a subscription. */
      readonly subscribedBy?: Buffer;
      /** Entries of this vault. */
      readonly vault?: Buffer;
      /** One of these search values, for instance the holder places an organisation falls in. */
      readonly tokens?: { readonly param: string; readonly values: readonly string[] };
    };

/** The condition on a resource row `t`. */
export function scopeCondition(scope: Scope, bindings: Bindings): string {
  if (scope === 'all') return 'true';
  const { patientKeys, ids, subscribedBy, vault, tokens } = scope;
  const parts = [
    ...(patientKeys === undefined ? [] : [`t.patient_key = any(${bindings.bind(patientKeys, 'bytea[]')})`]),
    ...(ids === undefined ? [] : [`t.id = any(${bindings.bind(ids, 'text[]')})`]),
    ...(subscribedBy === undefined ? [] : [isSubscribed(bindings.bind(subscribedBy, 'bytea'))]),
    ...(vault === undefined ? [] : [`t.vault = ${bindings.bind(vault, 'bytea')}`]),
    ...(tokens === undefined ? [] : [holdsOneOf(tokens.param, tokens.values, bindings)]),
  ];
  if (parts.length === 0) throw new Error('a scope without restriction must be said in full: all');
  return parts.join(' and ');
}

/** Whether the holder of this vault, bound, has a subscription for the citizen of row `t`. */
export function isSubscribed(vault: string): string {
  return `exists (
    select from subscription as s where s.patient_key = t.patient_key and s.vault = ${vault} and not s.deleted)`;
}
