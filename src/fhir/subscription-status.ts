import type { BundleEntry, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Instant } from '../decision/question.ts';
import { stableUuid } from './stable-uuid.ts';

/** What a notification, an answer about events, or one about the status says of its subscription. */
export interface SaidStatus {
  readonly subscriptionId: string;
  readonly status: 'active' | 'error';
  readonly type: 'event-notification' | 'query-status' | 'query-event';
  /** Number of the last event. */
  readonly lastEvent: number;
  readonly events?: readonly SaidEvent[];
}

interface SaidEvent {
  readonly number: number;
  readonly recordedAt: Instant;
  /** Addresses of its Consents in the same Bundle. */
  readonly consents: readonly string[];
}

/**
 * The status of a subscription as Parameters, in the form of the Subscriptions R5 Backport for R4.
 * @param baseUrl of the FHIR server that the subscription is on
 * https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html
 */
export function subscriptionStatus(baseUrl: string, said: SaidStatus): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'subscription', valueReference: { reference: `${baseUrl}/Subscription/${said.subscriptionId}` } },
      { name: 'status', valueCode: said.status },
      { name: 'type', valueCode: said.type },
      { name: 'events-since-subscription-start', valueString: String(said.lastEvent) },
      ...(said.events ?? []).map((event) => ({ name: 'notification-event', part: sayEvent(event) })),
    ],
  };
}

/** The status as the first entry of a Bundle of type history. */
export function statusEntry(baseUrl: string, said: SaidStatus): BundleEntry {
  const { subscriptionId, type, lastEvent } = said;
  return {
    fullUrl: `urn:uuid:${stableUuid(`${subscriptionId} ${type} ${lastEvent}`)}`,
    resource: subscriptionStatus(baseUrl, said),
    request: { method: 'GET', url: `Subscription/${subscriptionId}/$status` },
    response: { status: '200' },
  };
}

/** The first of its Consents is what an event is about, another one is told along. */
function sayEvent({ number, recordedAt, consents: [focus, ...others] }: SaidEvent): ParametersParameter[] {
  return [
    { name: 'event-number', valueString: String(number) },
    { name: 'timestamp', valueInstant: new Date(recordedAt).toISOString() },
    ...(focus === undefined ? [] : [{ name: 'focus', valueReference: { reference: focus } }]),
    ...others.map((reference) => ({ name: 'additional-context', valueReference: { reference } })),
  ];
}
