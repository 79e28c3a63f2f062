import type { Bundle, BundleEntry, Organization, Patient, Resource } from '@medplum/fhirtypes';
import { type Catalogue, ORGANISATION_TYPE_SYSTEM } from '../catalogue/catalogue.ts';
import type { Instant } from '../decision/question.ts';
import type { HolderProfile } from './holder-profile.ts';
import { BSN_SYSTEM, URA_SYSTEM } from './identifiers.ts';
import { notifiedConsents } from './notified-consents.ts';
import { stableUuid } from './stable-uuid.ts';
import { statusEntry } from './subscription-status.ts';

/** The subscription a notification is for. */
export interface Notified {
  readonly subscriptionId: string;
  readonly bsn: string;
  readonly ura: string;
  readonly holderType: string;
}

/** One event: what stood for the holder from then on. */
export interface ToldEvent {
  readonly number: number;
  readonly recordedAt: Instant;
  readonly profile: HolderProfile;
}

/** What an answer about events says of the subscription beside them. */
export interface EventsState {
  readonly status: 'active' | 'error';
  readonly lastEvent: number;
  /** Address of this answer, and of the next page if there is one. */
  readonly self: string;
  readonly next?: string;
}

/**
 * The notification of one event: the same event always gives the same Bundle, however often it is sent.
 * @param baseUrl of the FHIR server that the subscription is on
 */
export function notificationBundle(
  catalogue: Catalogue,
  baseUrl: string,
  notified: Notified,
  event: ToldEvent,
): Bundle {
  const { subscriptionId } = notified;
  const said = { subscriptionId, status: 'active', type: 'event-notification', lastEvent: event.number } as const;
  return {
    resourceType: 'Bundle',
    id: eventId(subscriptionId, event.number),
    type: 'history',
    timestamp: new Date(event.recordedAt).toISOString(),
    entry: entriesOf(catalogue, baseUrl, notified, said, [event]),
  };
}

/** The same events again, for a holder that asks for them. */
export function eventsBundle(
  catalogue: Catalogue,
  baseUrl: string,
  notified: Notified,
  { status, lastEvent, self, next }: EventsState,
  events: readonly ToldEvent[],
): Bundle {
  const said = { subscriptionId: notified.subscriptionId, status, type: 'query-event', lastEvent } as const;
  return {
    resourceType: 'Bundle',
    type: 'history',
    link: [{ relation: 'self', url: self }, ...(next === undefined ? [] : [{ relation: 'next', url: next }])],
    entry: entriesOf(catalogue, baseUrl, notified, said, events),
  };
}

/** The name of an event, the same whenever it is sent. */
export function eventId(subscriptionId: string, number: number): string {
  return `${subscriptionId}-${number}`;
}

type Said = Parameters<typeof statusEntry>[1];

function entriesOf(
  catalogue: Catalogue,
  baseUrl: string,
  notified: Notified,
  said: Said,
  events: readonly ToldEvent[],
): BundleEntry[] {
  const { subscriptionId } = notified;
  const parties = {
    patient: address(`${subscriptionId} patient`),
    organization: address(`${subscriptionId} organization`),
  };
  const told = events.map((event) => ({
    event,
    consents: notifiedConsents(catalogue, parties, event).map(({ name, resource }) => {
      const id = stableUuid(`${eventId(subscriptionId, event.number)} ${name}`);
      return { fullUrl: `urn:uuid:${id}`, resource: { ...resource, id } };
    }),
  }));
  const saidEvents = told.map(({ event, consents }) => ({
    ...event,
    consents: consents.map(({ fullUrl }) => fullUrl),
  }));
  const consents = told.flatMap((one) => one.consents.map(({ fullUrl, resource }) => created(fullUrl, resource)));
  const holder = [
    created(parties.patient, patientOf(notified)),
    created(parties.organization, organizationOf(catalogue, notified)),
  ];
  return [statusEntry(baseUrl, { ...said, events: saidEvents }), ...consents, ...(events.length === 0 ? [] : holder)];
}

function address(name: string): string {
  return `urn:uuid:${stableUuid(name)}`;
}

/** https://hl7.org/fhir/R4/bundle.html#bdl-3, bdl-4: an entry of a history says how it came about */
function created(fullUrl: string, resource: Resource): BundleEntry {
  return {
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType },
    response: { status: '201' },
  };
}

function patientOf({ bsn }: Notified): Patient {
  return { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM, value: bsn }] };
}

function organizationOf({ version }: Catalogue, { ura, holderType: code }: Notified): Organization {
  return {
    resourceType: 'Organization',
    identifier: [{ system: URA_SYSTEM, value: ura }],
    type: [{ coding: [{ system: ORGANISATION_TYPE_SYSTEM, version, code }] }],
  };
}
