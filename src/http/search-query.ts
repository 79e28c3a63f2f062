import { type BoundSearch, bindSearch } from '../consent/bind-search.ts';
import type { HistoryRequest } from '../consent/history.ts';
import type { Unit } from '../consent/unit.ts';
import type { ResourceKind, StoredRow } from '../consent/resource-kind.ts';
import { searchResources } from '../consent/search-resources.ts';
import type { Stored } from '../consent/stored.ts';
import { decodeCursor } from '../fhir/cursor.ts';
import { readInstant } from '../fhir/date-range.ts';
import { PAGE_PARAMETERS } from '../fhir/search-page.ts';
import { parseSearch, type SearchPair } from '../fhir/search-request.ts';
import { problem } from '../problem.ts';
import type { FhirRequest } from './fhir-exchange.ts';
import { pairsOf } from './request-parts.ts';

const MOST_VERSIONS = 1000;
const DEFAULT_VERSIONS = 50;

/** Types of which a search must say what it looks for: nobody gets everything by leaving a parameter out. */
const MUST_NARROW: ReadonlySet<string> = new Set(['Patient', 'Consent', 'Subscription']);

/** Reads a search from the query of a GET, or from the form (and the query) of a `POST _search`. */
export function readSearch(unit: Unit, type: string, request: FhirRequest): BoundSearch {
  const { conformance } = unit.register;
  const isPost = request.method === 'POST';
  if (isPost) parseSearch(conformance, type, request.query, 'url');
  const pairs = isPost ? [...request.query, ...request.form()] : request.query;
  const search = bindSearch(unit, type, parseSearch(conformance, type, pairs, isPost ? 'body' : 'url'));
  if (search.unfiltered && MUST_NARROW.has(type)) {
    throw problem('malformed', 'search-too-wide', `A search of ${type} needs at least one search parameter.`);
  }
  return search;
}

/**
 * The one resource that a conditional create, update, patch or delete is about; nothing when there is none.
 * https://hl7.org/fhir/R4/http.html#cond-update
 * @throws Problem version-stale (412) when there are several
 */
export async function soleMatch<Row extends StoredRow>(
  unit: Unit,
  kind: ResourceKind<Row>,
  query: readonly SearchPair[],
): Promise<Stored | undefined> {
  const search = bindSearch(unit, kind.type, parseSearch(unit.register.conformance, kind.type, query, 'url'));
  if (search.unfiltered)
    throw problem('malformed', 'condition-missing', 'A conditional interaction needs a search parameter.');
  requireConditionsOnly(query);
  const { matches } = await searchResources(unit, kind, { ...search, count: 2 });
  if (matches.length > 1)
    throw problem('version-stale', 'several-match', 'The condition matches more than one resource.');
  return matches[0];
}

/** A condition says what to find, not how a page of it looks; `_format` is about the answer of any interaction. */
function requireConditionsOnly(query: readonly SearchPair[]): void {
  const strange = query.find(([name]) => name !== '_format' && PAGE_PARAMETERS.has(name));
  if (strange === undefined) return;
  throw problem('malformed', 'condition-page-parameter', `A condition does not take ${strange[0]}.`);
}

/**
 * The pairs of an `If-None-Exist`, as header or in a Bundle entry. The type may stand in front: `Organization?identifier=…`.
 * @throws Problem malformed for another type than the one to be created
 */
export function conditionPairs(type: string, ifNoneExist: string): SearchPair[] {
  const mark = ifNoneExist.indexOf('?');
  if (mark > 0 && ifNoneExist.slice(0, mark) !== type) {
    throw problem('malformed', 'condition-other-type', 'A condition is about the type that is to be created.');
  }
  return pairsOf(`?${ifNoneExist.slice(mark + 1)}`);
}

/** `_count`, `_since` and the page link of a history; nothing else. https://hl7.org/fhir/R4/http.html#history */
export function readHistoryQuery(query: readonly SearchPair[]): HistoryRequest {
  let request: HistoryRequest = { count: DEFAULT_VERSIONS };
  requireOnce(query.map(([name]) => name));
  for (const [name, value] of query) {
    if (name === '_count') request = { ...request, count: readCount(value) };
    else if (name === '_since') request = { ...request, since: readSince(value) };
    else if (name === '_cursor') request = { ...request, cursor: decodeCursor(value) };
    else if (name !== '_format')
      throw problem('malformed', 'search-parameter-unknown', 'A history takes _count and _since only.');
  }
  return request;
}

function requireOnce(names: readonly string[]): void {
  if (new Set(names).size === names.length) return;
  throw problem('malformed', 'search-parameter-repeated', 'A parameter of a history is given more than once.');
}

function readCount(value: string): number {
  const count = /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined;
  if (count === undefined)
    throw problem('malformed', 'search-value-malformed', '_count must be a whole number above 0.');
  return Math.min(count, MOST_VERSIONS);
}

function readSince(value: string): number {
  const since = readInstant(value.replace(' ', '+'));
  if (since === undefined) throw problem('malformed', 'search-value-malformed', '_since must be an instant.');
  return since;
}
