import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import { readDateRange } from './date-range.ts';
import { BSN_SYSTEM, isBsn, readBsn } from './identifiers.ts';
import type { SearchRule } from './search-rule.ts';
import { exactText, foldText, splitUnescaped, unescapeText } from './search-text.ts';

/** https://hl7.org/fhir/R4/search.html#prefix, without `ap`: what is near is nobody's agreement. */
type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb';

/** One condition; several must all hold, of `values` one. Periods are in milliseconds, half open. */
export type Filter =
  | { readonly kind: 'id'; readonly values: readonly string[] }
  | { readonly kind: 'lastUpdated'; readonly prefix: DatePrefix; readonly from: number; readonly to: number }
  | {
      readonly kind: 'token' | 'reference';
      readonly param: string;
      readonly values: readonly string[];
      readonly not?: boolean;
    }
  | {
      readonly kind: 'string';
      readonly param: string;
      readonly match: 'starts' | 'exact' | 'contains';
      readonly values: readonly string[];
    }
  | {
      readonly kind: 'date';
      readonly param: string;
      readonly prefix: DatePrefix;
      readonly from: number;
      readonly to: number;
    }
  /** Citizens by BSN, in the clear: to be replaced by keyed hashes before it goes anywhere. */
  | { readonly kind: 'bsn'; readonly param: string; readonly values: readonly string[] };

/** One search parameter as given. `name` is plain enough to be shown to the caller. */
export interface GivenParameter {
  readonly name: string;
  readonly modifier?: string;
  readonly value: string;
}

const MOST_VALUES = 100;
const ID = /^[A-Za-z0-9.-]{1,64}$/;
const REFERENCE = /^(?:([A-Z][A-Za-z]{0,63})\/)?([A-Za-z0-9.-]{1,64})$/;
/** A plus that a form decoder took for a space, as happens when a client does not escape it. */
const LOST_PLUS = / (?=[0-9]{2}:[0-9]{2}$)/;
const DATE = /^(eq|ne|gt|lt|ge|le|sa|eb)?([0-9].*)$/;

/** `_id`. @throws Problem `malformed`. */
export function idFilter(given: GivenParameter): Filter {
  requireNoModifier(given);
  const values = valuesOf(given);
  if (values.every((value) => ID.test(value))) return { kind: 'id', values };
  throw malformed(given);
}

/** `_lastUpdated`. @throws Problem `malformed`. */
export function lastUpdatedFilter(given: GivenParameter): Filter {
  return { kind: 'lastUpdated', ...periodOf(given) };
}

/** A parameter that a search rule defines. @throws Problem `malformed`. */
export function ruleFilter({ definition }: SearchRule, given: GivenParameter): Filter {
  const param = given.name;
  switch (definition.type) {
    case 'token':
      return tokenFilter(given);
    case 'string':
      return stringFilter(given);
    case 'date':
      return { kind: 'date', param, ...periodOf(given) };
    case 'reference':
      requireNoModifier(given);
      return { kind: 'reference', param, values: referencesOf(given, definition.target ?? []) };
    case 'composite':
    case 'number':
    case 'quantity':
    case 'special':
    case 'uri':
      throw problem('malformed', 'search-parameter-unsupported', `Searching by ${param} is not possible here.`);
  }
}

/** Citizens by BSN; only for the body of a POST. @throws Problem `malformed`. */
export function bsnFilter(given: GivenParameter): Filter {
  requireNoModifier(given);
  const values = valuesOf(given).map((value) => {
    const [system, number, ...others] = value.includes('|') ? splitUnescaped(value, '|') : [BSN_SYSTEM, value];
    if (system !== BSN_SYSTEM || number === undefined || others.length > 0) throw malformed(given);
    return readBsn(number);
  });
  return { kind: 'bsn', param: given.name, values };
}

/** Whether a token value speaks of a BSN: by its system, or because it is one. */
export function namesBsn(value: string): boolean {
  return value.includes(BSN_SYSTEM) || splitUnescaped(value, ',').some((one) => isBsn(one));
}

function tokenFilter(given: GivenParameter): Filter {
  const { name, modifier } = given;
  if (modifier !== undefined && modifier !== 'not') throw unknownModifier(given);
  const values = valuesOf(given).map((value) => {
    const parts = splitUnescaped(value, '|').map(unescapeText);
    if (parts.length > 2 || parts.every((part) => part === '')) throw malformed(given);
    return parts.join('|');
  });
  return { kind: 'token', param: name, values, ...(modifier === 'not' && { not: true }) };
}

function stringFilter(given: GivenParameter): Filter {
  const { name: param, modifier } = given;
  const texts = valuesOf(given).map(unescapeText);
  if (modifier === 'exact') return { kind: 'string', param, match: 'exact', values: texts.map(exactText) };
  if (modifier !== undefined && modifier !== 'contains') throw unknownModifier(given);
  return { kind: 'string', param, match: modifier ?? 'starts', values: texts.map(foldText) };
}

function referencesOf(given: GivenParameter, targets: readonly string[]): readonly string[] {
  return valuesOf(given).flatMap((value) => {
    const [whole, type, id = ''] = REFERENCE.exec(value) ?? [];
    const types = type === undefined ? targets : targets.filter((target) => target === type);
    if (whole === undefined || types.length === 0) throw malformed(given);
    return types.map((one) => `${one}/${id}`);
  });
}

function periodOf(given: GivenParameter): { readonly prefix: DatePrefix; readonly from: number; readonly to: number } {
  requireNoModifier(given);
  const [, prefix = 'eq', text = ''] = DATE.exec(given.value) ?? [];
  const range = readDateRange(text.replace(LOST_PLUS, '+'));
  if (range === undefined) throw malformed(given);
  // The expression lists exactly these.
  return { prefix: prefix as DatePrefix, ...range };
}

function valuesOf(given: GivenParameter): readonly string[] {
  const values = splitUnescaped(given.value, ',');
  if (values.length <= MOST_VALUES && values.every((value) => value !== '')) return values;
  throw malformed(given);
}

function requireNoModifier(given: GivenParameter): void {
  if (given.modifier !== undefined) throw unknownModifier(given);
}

function unknownModifier({ name }: GivenParameter): Problem {
  return problem('malformed', 'search-modifier-unknown', `The search parameter ${name} does not take this modifier.`);
}

/** The value of a search parameter cannot be read. */
export function malformed({ name }: GivenParameter): Problem {
  return problem('malformed', 'search-value-malformed', `The value of the search parameter ${name} cannot be read.`);
}
