import type { AuditEvent, Bundle, BundleEntry, BundleLink, Resource } from '@medplum/fhirtypes';
import type { BoundSearch } from '../consent/bind-search.ts';
import type { HistoryRequest, ShownHistory, ShownVersion } from '../consent/history.ts';
import type { Found } from '../consent/search-resources.ts';
import type { Stored } from '../consent/stored.ts';
import type { Entry } from '../consent/timeline.ts';
import { encodeCursor } from '../fhir/cursor.ts';
import type { SearchPair } from '../fhir/search-request.ts';
import { subset } from '../fhir/subset.ts';
import type { Exchange } from './fhir-exchange.ts';

/** A page of matches as a searchset, with its links. */
export function searchBundle(
  { baseUrl, register }: Exchange,
  type: string,
  request: BoundSearch,
  found: Found,
): Bundle {
  const entry = (stored: Stored, mode: 'match' | 'include'): BundleEntry => ({
    fullUrl: `${baseUrl}/${stored.resource.resourceType}/${stored.id}`,
    resource: mode === 'match' ? subset(register.conformance, stored.resource, request) : stored.resource,
    search: { mode },
  });
  const entries = [
    ...found.matches.map((stored) => entry(stored, 'match')),
    ...found.included.map((stored) => entry(stored, 'include')),
  ];
  return bundle('searchset', links(`${baseUrl}/${type}`, request.self, found.next), entries, found.total);
}

/** A page of entries of a timeline. */
export function entryBundle(
  { baseUrl, register }: Exchange,
  request: BoundSearch,
  { type, entries, total, next }: FoundPage,
): Bundle {
  const shown = entries.map((entry): BundleEntry => ({
    fullUrl: `${baseUrl}/${type}/${entry.id ?? ''}`,
    resource: subset(register.conformance, entry, request),
    search: { mode: 'match' },
  }));
  return bundle('searchset', links(`${baseUrl}/${type}`, request.self, next), shown, total);
}

interface FoundPage {
  readonly type: string;
  readonly entries: readonly Entry[];
  readonly total: number | undefined;
  /** Cursor of the next page. */
  readonly next: string | undefined;
}

/** A page of a citizen's own log. The links are addresses of the same operation, by GET. */
export function logBundle(
  baseUrl: string,
  count: number,
  events: readonly AuditEvent[],
  next: string | undefined,
): Bundle {
  const link = links(`${baseUrl}/Patient/$access-log`, [['_count', String(count)]], next);
  return bundle('searchset', link, entriesOf(baseUrl, events), undefined);
}

/** Any list of resources as a searchset without further pages. */
export function listBundle(baseUrl: string, address: string, resources: readonly Resource[]): Bundle {
  const entries = entriesOf(baseUrl, resources);
  return bundle('searchset', [{ relation: 'self', url: `${baseUrl}/${address}` }], entries, entries.length);
}

function entriesOf(baseUrl: string, resources: readonly Resource[]): BundleEntry[] {
  return resources.map((resource) => ({
    fullUrl: `${baseUrl}/${resource.resourceType}/${resource.id ?? ''}`,
    resource,
    search: { mode: 'match' },
  }));
}

/** A page of versions, newest first. https://hl7.org/fhir/R4/http.html#history */
export function historyBundle(
  { baseUrl, request }: Exchange,
  type: string,
  asked: HistoryRequest,
  history: ShownHistory,
): Bundle {
  const address = `${baseUrl}/${request.segments.join('/')}`;
  const pairs: SearchPair[] = [['_count', String(asked.count)]];
  if (asked.since !== undefined) pairs.push(['_since', new Date(asked.since).toISOString()]);
  const next = history.next === undefined ? undefined : encodeCursor(history.next);
  const entries = history.versions.map((version) => versionEntry(baseUrl, type, version));
  return bundle('history', links(address, pairs, next), entries, history.total);
}

const METHODS = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
const STATUSES = { create: '201', update: '200', patch: '200', delete: '204' } as const;

function versionEntry(baseUrl: string, type: string, version: ShownVersion): BundleEntry {
  const { id, method, resource, recordedAt } = version;
  return {
    fullUrl: `${baseUrl}/${type}/${id}`,
    ...(resource === undefined ? {} : { resource }),
    request: { method: METHODS[method], url: method === 'create' ? type : `${type}/${id}` },
    response: {
      status: STATUSES[method],
      etag: `W/"${version.version}"`,
      lastModified: new Date(recordedAt).toISOString(),
    },
  };
}

function links(address: string, pairs: readonly SearchPair[], next: string | undefined): BundleLink[] {
  const url = (extra: readonly SearchPair[]): string => {
    const query = new URLSearchParams(
      [...pairs, ...extra].map(([name, value]): [string, string] => [name, value]),
    ).toString();
    return query === '' ? address : `${address}?${query}`;
  };
  const self: BundleLink = { relation: 'self', url: url([]) };
  return next === undefined ? [self] : [self, { relation: 'next', url: url([['_cursor', next]]) }];
}

function bundle(
  type: 'searchset' | 'history',
  link: BundleLink[],
  entry: BundleEntry[],
  total: number | undefined,
): Bundle {
  return {
    resourceType: 'Bundle',
    type,
    ...(total === undefined ? {} : { total }),
    link,
    ...(entry.length === 0 ? {} : { entry }),
  };
}
