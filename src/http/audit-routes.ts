import { readAuditEvent, searchAuditLog } from '../consent/audit-log.ts';
import { nextCursor } from '../consent/bind-search.ts';
import { auditSearch } from '../consent/audit-search.ts';
import { eventBundle } from './bundles-out.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import type { GuardedRoute } from './route-table.ts';
import { readSearch } from './search-query.ts';

/** The log: append-only, so it is read and searched, nothing else. */
export function auditRoutes(): GuardedRoute[] {
  return [
    { method: 'GET', path: '/AuditEvent/:id', target: 'AuditEvent.read', handle: read },
    { method: 'GET', path: '/AuditEvent', target: 'AuditEvent.search', handle: search },
    { method: 'POST', path: '/AuditEvent/_search', target: 'AuditEvent.search', handle: search },
  ];
}

function read({ desk, caller, requestId, parameters }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'AuditEvent.read' }, async (unit) => {
    const event = await readAuditEvent(unit, parameters['id'] ?? '');
    return { status: 200, resource: event, version: 1, lastModified: Date.parse(event.recorded) };
  });
}

function search(exchange: Exchange): Promise<FhirResponse> {
  const { desk, caller, requestId } = exchange;
  return desk.run({ caller, requestId, target: 'AuditEvent.search' }, async (unit) => {
    const request = readSearch(unit, 'AuditEvent', exchange.request);
    const { events, total, next } = await searchAuditLog(unit, await auditSearch(unit, request));
    const shown = request.summary === 'count' || request.count === 0 ? [] : events;
    const isLast = next === undefined || shown.length === 0;
    const link = isLast ? undefined : nextCursor(unit, 'AuditEvent', request, next);
    return { status: 200, resource: eventBundle(exchange, request, shown, total, link) };
  });
}
