import { problem } from '../problem.ts';
import type { Conformance } from './conformance.ts';
import { isJsonFormat } from './json-format.ts';
import type { GivenParameter } from './search-filter.ts';
import { malformed } from './search-filter.ts';

interface SearchSort {
  /** `_id`, `_lastUpdated`, or the name of a date parameter. */
  readonly key: string;
  readonly descending: boolean;
}

/** A reference to follow: `param` of `source`. */
export interface Inclusion {
  readonly source: string;
  readonly param: string;
}

type Summary = 'true' | 'false' | 'count' | 'data' | 'text';

/** How the answer of a search looks, beside what it finds. */
export interface SearchPage {
  readonly sort: readonly SearchSort[];
  /** Most matches on a page; 0 asks for the total only. */
  readonly count: number;
  readonly total: 'none' | 'accurate';
  readonly summary?: Summary;
  readonly elements?: readonly string[];
  readonly include: readonly Inclusion[];
  readonly revinclude: readonly Inclusion[];
  /** To be read by `decodeCursor`. */
  readonly cursor?: string;
}

/** What can be included, by searched type. */
export const INCLUDES: ReadonlyMap<string, readonly Inclusion[]> = new Map([
  [
    'Consent',
    [
      { source: 'Consent', param: 'patient' },
      { source: 'Consent', param: 'organization' },
    ],
  ],
]);
/** What can be included because it refers to the match, by searched type. */
export const REVINCLUDES: ReadonlyMap<string, readonly Inclusion[]> = new Map([
  ['Patient', [{ source: 'Consent', param: 'patient' }]],
]);

const DEFAULT_COUNT = 50;
const MOST_COUNT = 1000;
const COUNT = /^[0-9]{1,4}$/;
const ELEMENT = /^[a-z][A-Za-z]{0,63}$/;
const SUMMARIES: readonly Summary[] = ['true', 'false', 'count', 'data', 'text'];

type Reader = (page: SearchPage, given: GivenParameter, context: PageContext) => SearchPage;
export interface PageContext {
  readonly type: string;
  readonly rules: NonNullable<ReturnType<Conformance['searchRules']['get']>>;
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['_count', readCount],
  ['_sort', readSort],
  ['_total', readTotal],
  ['_summary', readSummary],
  ['_elements', readElements],
  ['_include', (page, given, { type }) => ({ ...page, include: [...page.include, included(INCLUDES, type, given)] })],
  [
    '_revinclude',
    (page, given, { type }) => ({ ...page, revinclude: [...page.revinclude, included(REVINCLUDES, type, given)] }),
  ],
  ['_cursor', (page, { value }) => ({ ...page, cursor: value })],
  ['_format', readFormat],
]);

/** Parameters that may be given more than once. */
export const REPEATABLE_ON_PAGE = new Set(['_include', '_revinclude']);
export const PAGE_PARAMETERS: ReadonlySet<string> = new Set(READERS.keys());
export const FIRST_PAGE: SearchPage = {
  sort: [],
  count: DEFAULT_COUNT,
  total: 'none',
  include: [],
  revinclude: [],
};

/** The page with one more of `PAGE_PARAMETERS` taken into account. @throws Problem `malformed` or `not-acceptable`. */
export function readPageParameter(page: SearchPage, given: GivenParameter, context: PageContext): SearchPage {
  const reader = READERS.get(given.name);
  if (reader === undefined || given.modifier !== undefined) throw malformed(given);
  return reader(page, given, context);
}

/** A count of 0 is answered as `_summary=count`: https://hl7.org/fhir/R4/search.html#count */
function readCount(page: SearchPage, given: GivenParameter): SearchPage {
  const count = COUNT.test(given.value) ? Number(given.value) : MOST_COUNT + 1;
  if (count > MOST_COUNT) throw malformed(given);
  return count === 0 ? { ...page, count, summary: 'count' } : { ...page, count };
}

function readSort(page: SearchPage, given: GivenParameter, { rules }: PageContext): SearchPage {
  const sort = given.value.split(',').map((word) => {
    const key = word.replace(/^-/, '');
    const isSortable = key === '_id' || key === '_lastUpdated' || rules.get(key)?.definition.type === 'date';
    if (!isSortable) throw malformed(given);
    return { key, descending: word.startsWith('-') };
  });
  if (new Set(sort.map(({ key }) => key)).size !== sort.length) throw malformed(given);
  return { ...page, sort };
}

/** An estimate may be accurate. */
function readTotal(page: SearchPage, given: GivenParameter): SearchPage {
  if (given.value === 'none') return { ...page, total: 'none' };
  if (given.value === 'accurate' || given.value === 'estimate') return { ...page, total: 'accurate' };
  throw malformed(given);
}

function readSummary(page: SearchPage, given: GivenParameter): SearchPage {
  const summary = SUMMARIES.find((one) => one === given.value);
  if (summary === undefined || page.elements !== undefined) throw malformed(given);
  return page.count === 0 ? page : { ...page, summary };
}

function readElements(page: SearchPage, given: GivenParameter): SearchPage {
  const elements = given.value.split(',');
  const areNames = elements.every((name) => ELEMENT.test(name) && !(name in Object.prototype));
  if (!areNames || (page.summary !== undefined && page.count !== 0)) throw malformed(given);
  return { ...page, elements };
}

function readFormat(page: SearchPage, { value }: GivenParameter): SearchPage {
  if (isJsonFormat(value)) return page;
  throw problem('not-acceptable', 'format-unknown', 'Only JSON is spoken here.');
}

function included(known: ReadonlyMap<string, readonly Inclusion[]>, type: string, given: GivenParameter): Inclusion {
  const found = known.get(type)?.find(({ source, param }) => given.value === `${source}:${param}`);
  if (found === undefined) throw malformed(given);
  return found;
}
