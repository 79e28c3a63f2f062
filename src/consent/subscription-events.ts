import type { Bundle, Parameters } from '@medplum/fhirtypes';
import type { EventRange } from '../fhir/events-parameters.ts';
import { eventsBundle } from '../fhir/notification-bundle.ts';
import { subscriptionStatus } from '../fhir/subscription-status.ts';
import type { Sealed } from '../notifications/holder-vaults.ts';
import { readSubscriber } from '../notifications/subscribers.ts';
import { problem } from '../problem.ts';
import { type DeliveryStatus, findDeliveryStatus, findEvents } from '../storage/notification.ts';
import type { SubscriptionRow } from '../storage/subscription.ts';
import { openVault } from './own-vault.ts';
import { findVisible } from './read-resource.ts';
import { SUBSCRIPTION_KIND } from './subscription-kind.ts';
import type { Unit } from './unit.ts';
import { notifiedOf, toldEvents } from './write-notification.ts';

/** Most events in one answer. */
const MOST_EVENTS = 100;
const NEVER_TOLD: DeliveryStatus = { status: 'active', lastEvent: 0 };

/**
 * How the notifications of the caller's own subscriptions stand, in the order asked.
 * @throws Problem not-found, also for another's subscription; gone
 */
export async function subscriptionStatuses(unit: Unit, baseUrl: string, ids: readonly string[]): Promise<Parameters[]> {
  for (const id of ids) await findOwn(unit, id);
  const found = await findDeliveryStatus(unit.sql, ids);
  return ids.map((id) => {
    const { status, lastEvent } = found.get(id) ?? NEVER_TOLD;
    return subscriptionStatus(baseUrl, { subscriptionId: id, status, type: 'query-status', lastEvent });
  });
}

/**
 * Events of a subscription of the caller's own, as they were sent or will be: a holder that missed some asks for them again.
 * At most 100; the answer has a link to the rest.
 * @throws Problem not-found, also for another's subscription; gone
 */
export async function subscriptionEvents(unit: Unit, baseUrl: string, id: string, range: EventRange): Promise<Bundle> {
  const { sql, register } = unit;
  const row = await findOwn(unit, id);
  const { keys } = await openVault(unit, row.vault, (row.content as unknown as Sealed).key);
  const subscriber = readSubscriber(keys, row);
  const rows = await findEvents(sql, subscriber, { ...range, most: MOST_EVENTS });
  const events = await toldEvents(sql, register, subscriber, rows);
  const { status, lastEvent } = (await findDeliveryStatus(sql, [id])).get(id) ?? NEVER_TOLD;
  const address = ({ first, last }: EventRange): string =>
    `${baseUrl}/Subscription/${id}/$events?eventsSinceNumber=${first}&eventsUntilNumber=${last}`;
  const shown = rows.at(-1)?.number ?? range.last;
  const last = Math.min(range.last, lastEvent);
  const next = shown < last ? { next: address({ first: shown + 1, last: range.last }) } : {};
  const state = { status, lastEvent, self: address(range), ...next };
  return eventsBundle(register.catalogue, baseUrl, notifiedOf(subscriber), state, events);
}

async function findOwn(unit: Unit, id: string): Promise<SubscriptionRow> {
  const row = await findVisible(unit, SUBSCRIPTION_KIND, id);
  unit.note({ patientKey: row.patientKey, detail: { entities: [`Subscription/${id}`] } });
  if (row.deleted) throw problem('gone', 'deleted', 'This resource was deleted.');
  return row;
}
