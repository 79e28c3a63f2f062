import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { Conformance } from './conformance.ts';
import { isBsn } from './identifiers.ts';
import type { Filter, GivenParameter } from './search-filter.ts';
import { bsnFilter, idFilter, lastUpdatedFilter, malformed, namesBsn, ruleFilter } from './search-filter.ts';
import type { PageContext, SearchPage } from './search-page.ts';
import { FIRST_PAGE, PAGE_PARAMETERS, readPageParameter, REPEATABLE_ON_PAGE } from './search-page.ts';
import { hasRefusedCharacter } from './text.ts';

export type SearchPair = readonly [name: string, value: string];

export interface SearchRequest extends SearchPage {
  readonly filters: readonly Filter[];
  /** True when nothing narrows the search: everything the caller may see. */
  readonly unfiltered: boolean;
  /** Those of the filters that stand in no address: citizens by BSN or by name. */
  readonly secret: readonly Filter[];
  /** The names of all parameters given. */
  readonly names: readonly string[];
  /** The parameters as understood, for links; without the cursor and what is secret. */
  readonly self: readonly SearchPair[];
}

const MOST_PAIRS = 50;
const NAME = /^([A-Za-z_-][A-Za-z_.-]{0,63})(?::([A-Za-z_-]{1,64}))?$/;
const NINE_DIGITS = /(?<![A-Za-z0-9])[0-9]{9}(?![A-Za-z0-9])/g;
/** Takes the place of the one chain there is: a citizen by BSN. */
export const BY_BSN: ReadonlySet<string> = new Set([
  'Patient identifier',
  'Consent patient.identifier',
  'Subscription patient.identifier',
  'AuditEvent patient.identifier',
  'Provenance patient.identifier',
]);

/**
 * Reads a search strictly: parameters, modifiers and values that are not known and defined for the type are refused, each
 * by name. A BSN or the name of a citizen is read from the body of a POST only (rules 12 and 13).
 *
 * @param pairs decoded, in the order given
 * @throws Problem `malformed`; `not-acceptable` for another format than JSON
 */
export function parseSearch(
  conformance: Pick<Conformance, 'searchRules'>,
  type: string,
  pairs: readonly SearchPair[],
  via: 'url' | 'body',
): SearchRequest {
  if (pairs.length > MOST_PAIRS) throw problem('malformed', 'search-too-long', 'There are too many search parameters.');
  const context: PageContext = { type, rules: conformance.searchRules.get(type) ?? new Map() };
  const given = pairs.map(([name, value]) => readPair(name, value, via));
  requireOnce(context, given);
  const onPage = given.filter(({ name }) => PAGE_PARAMETERS.has(name));
  const page = onPage.reduce((before, one) => readPageParameter(before, one, context), FIRST_PAGE);
  const found = given
    .filter(({ name }) => !PAGE_PARAMETERS.has(name))
    .map((one) => ({ one, filter: filterOf(context, one, via) }));
  const secret = found.filter(({ filter }) => isSecret(type, filter));
  const hidden = new Set(secret.map(({ one }) => one));
  return {
    ...page,
    filters: found.map(({ filter }) => filter),
    secret: secret.map(({ filter }) => filter),
    unfiltered: found.length === 0,
    names: given.map((one) => pairOf(one)[0]),
    self: given.filter((one) => one.name !== '_cursor' && !hidden.has(one)).map(pairOf),
  };
}

function readPair(name: string, value: string, via: 'url' | 'body'): GivenParameter {
  const [, code, modifier] = NAME.exec(name) ?? [];
  if (code === undefined)
    throw problem('malformed', 'search-parameter-unknown', 'A search parameter is not known here.');
  const given = { name: code, value, ...(modifier !== undefined && { modifier }) };
  if (via === 'url' && code !== '_cursor' && holdsBsn(value)) throw bsnInUrl(code);
  if (value.trim() === '' || hasRefusedCharacter(value)) throw malformed(given);
  return given;
}

function filterOf({ type, rules }: PageContext, given: GivenParameter, via: 'url' | 'body'): Filter {
  if (BY_BSN.has(`${type} ${given.name}`) && (given.name.includes('.') || namesBsn(given.value))) {
    if (via === 'url') throw bsnInUrl(given.name);
    return bsnFilter(given);
  }
  if (holdsBsn(given.value)) {
    throw problem('malformed', 'bsn-misplaced', `The search parameter ${given.name} does not take a BSN.`);
  }
  const rule = rules.get(given.name);
  if (rule === undefined) {
    throw problem('malformed', 'search-parameter-unknown', `The search parameter ${given.name} is not known here.`);
  }
  if (via === 'url' && isName(type, rule.definition.type)) throw nameInUrl(given.name);
  if (given.name === '_id') return idFilter(given);
  return given.name === '_lastUpdated' ? lastUpdatedFilter(given) : ruleFilter(rule, given);
}

/**
 * Conditions on one date, token or string may be given more than once and must then all hold. One id or reference cannot
 * be two, so asking for two is a mistake that would find nothing.
 */
function requireOnce({ rules }: PageContext, given: readonly GivenParameter[]): void {
  const seen = new Set<string>();
  for (const { name } of given) {
    const type = rules.get(name)?.definition.type;
    const isRepeatable = name !== '_id' && (type === 'date' || type === 'token' || type === 'string');
    if (seen.has(name) && !isRepeatable && !REPEATABLE_ON_PAGE.has(name)) {
      throw problem('malformed', 'search-parameter-repeated', `The search parameter ${name} is given more than once.`);
    }
    seen.add(name);
  }
}

function holdsBsn(value: string): boolean {
  return (value.match(NINE_DIGITS) ?? []).some((digits) => isBsn(digits));
}

/** Whether a filter says of a citizen what no address may say. */
function isSecret(type: string, { kind }: Filter): boolean {
  return kind === 'bsn' || isName(type, kind);
}

/** The texts by which citizens are found are their names. */
function isName(type: string, kind: string): boolean {
  return type === 'Patient' && kind === 'string';
}

function nameInUrl(name: string): Problem {
  const text = `The search parameter ${name} of a citizen is taken in the body of POST _search only.`;
  return problem('malformed', 'name-in-url', text);
}

function bsnInUrl(name: string): Problem {
  const text = `The search parameter ${name} may hold a BSN in the body of POST _search only.`;
  return problem('malformed', 'bsn-in-url', text);
}

function pairOf({ name, modifier, value }: GivenParameter): SearchPair {
  return [modifier === undefined ? name : `${name}:${modifier}`, value];
}
