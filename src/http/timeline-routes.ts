import { nextCursor } from '../consent/bind-search.ts';
import type { Timeline } from '../consent/timeline.ts';
import { entryBundle } from './bundles-out.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import type { GuardedRoute } from './route-table.ts';
import { readSearch } from './search-query.ts';

/** What is only ever added to, by the server: it is read and searched, nothing else. */
export function timelineRoutes(timeline: Timeline): GuardedRoute[] {
  const { type } = timeline;
  const handle = (exchange: Exchange) => search(timeline, exchange);
  return [
    { method: 'GET', path: `/${type}/:id`, target: `${type}.read`, handle: (exchange) => read(timeline, exchange) },
    { method: 'GET', path: `/${type}`, target: `${type}.search`, handle },
    { method: 'POST', path: `/${type}/_search`, target: `${type}.search`, handle },
  ];
}

function read(timeline: Timeline, { desk, caller, requestId, parameters }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: `${timeline.type}.read` }, async (unit) => {
    const entry = await timeline.read(unit, parameters['id'] ?? '');
    return { status: 200, resource: entry, version: 1, lastModified: Date.parse(entry.recorded) };
  });
}

function search(timeline: Timeline, exchange: Exchange): Promise<FhirResponse> {
  const { desk, caller, requestId } = exchange;
  const { type } = timeline;
  return desk.run({ caller, requestId, target: `${type}.search` }, async (unit) => {
    const request = readSearch(unit, type, exchange.request);
    const { entries, total, next } = await timeline.search(unit, request);
    const shown = request.summary === 'count' || request.count === 0 ? [] : entries;
    const isLast = next === undefined || shown.length === 0;
    const link = isLast ? undefined : nextCursor(unit, type, request, next);
    return { status: 200, resource: entryBundle(exchange, request, { type, entries: shown, total, next: link }) };
  });
}
