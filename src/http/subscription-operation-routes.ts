import type { Bundle } from '@medplum/fhirtypes';
import { subscriptionEvents, subscriptionStatuses } from '../consent/subscription-events.ts';
import {
  type EventRange,
  parametersOfQuery,
  readEventRange,
  readEventsRequest,
  readNothing,
  readStatusRequest,
} from '../fhir/events-parameters.ts';
import { stableUuid } from '../fhir/stable-uuid.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import type { GuardedRoute } from './route-table.ts';

/** What a holder asks about its subscriptions, in the addresses of the Subscriptions R5 Backport. */
export function subscriptionOperationRoutes(): GuardedRoute[] {
  const status = (read: (exchange: Exchange) => readonly string[]) => ({
    target: 'Subscription.status' as const,
    handle: (exchange: Exchange) => showStatus(exchange, () => read(exchange)),
  });
  const events = (read: (exchange: Exchange) => EventRange & { readonly id: string }) => ({
    target: 'Subscription.events' as const,
    handle: (exchange: Exchange) => showEvents(exchange, () => read(exchange)),
  });
  return [
    { method: 'GET', path: '/Subscription/:id/$status', ...status(ofAddress(queried)) },
    { method: 'POST', path: '/Subscription/:id/$status', ...status(ofAddress(sent)) },
    { method: 'POST', path: '/Subscription/$status', ...status(({ request }) => readStatusRequest(request.json())) },
    { method: 'GET', path: '/Subscription/:id/$events', ...events(rangeIn(queried)) },
    { method: 'POST', path: '/Subscription/:id/$events', ...events(rangeIn(sent)) },
    { method: 'POST', path: '/Subscription/$events', ...events(({ request }) => readEventsRequest(request.json())) },
  ];
}

type ReadInput = (exchange: Exchange) => unknown;

const queried: ReadInput = ({ request }) => parametersOfQuery(request.query);
const sent: ReadInput = ({ request }) => request.json();

function ofAddress(input: ReadInput) {
  return (exchange: Exchange): readonly string[] => {
    readNothing(input(exchange));
    return [exchange.parameters['id'] ?? ''];
  };
}

function rangeIn(input: ReadInput) {
  return (exchange: Exchange) => ({ id: exchange.parameters['id'] ?? '', ...readEventRange(input(exchange)) });
}

function showStatus(exchange: Exchange, read: () => readonly string[]): Promise<FhirResponse> {
  const { desk, caller, requestId, baseUrl } = exchange;
  return desk.run({ caller, requestId, target: 'Subscription.status' }, async (unit) => {
    const statuses = await subscriptionStatuses(unit, baseUrl, read());
    const entry = statuses.map((resource) => ({
      fullUrl: `urn:uuid:${stableUuid(JSON.stringify(resource))}`,
      resource,
      search: { mode: 'match' as const },
    }));
    const link = [{ relation: 'self', url: `${baseUrl}/${exchange.request.segments.join('/')}` }];
    const bundle: Bundle = { resourceType: 'Bundle', type: 'searchset', total: entry.length, link, entry };
    return { status: 200, resource: bundle };
  });
}

function showEvents(exchange: Exchange, read: () => EventRange & { readonly id: string }): Promise<FhirResponse> {
  const { desk, caller, requestId, baseUrl } = exchange;
  return desk.run({ caller, requestId, target: 'Subscription.events' }, async (unit) => {
    const { id, ...range } = read();
    return { status: 200, resource: await subscriptionEvents(unit, baseUrl, id, range) };
  });
}
