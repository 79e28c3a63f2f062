import type { HolderProfile } from '../fhir/holder-profile.ts';
import { eventId, type Notified, notificationBundle, type ToldEvent } from '../fhir/notification-bundle.ts';
import { registrationOf } from '../fhir/subscription-resource.ts';
import type { WrittenEvent } from '../notifications/deliver.ts';
import type { Subscriber } from '../notifications/subscribers.ts';
import type { Sql } from '../storage/database.ts';
import type { EventRow } from '../storage/notification.ts';
import { holderProfiles } from './holder-profiles.ts';
import type { Register } from './register.ts';

type Reading = Pick<Register, 'catalogue' | 'log'>;

/** An event as its holder gets it. */
export async function writeNotification(
  register: Reading & Pick<Register, 'database'>,
  baseUrl: string,
  subscriber: Subscriber,
  row: EventRow,
): Promise<WrittenEvent> {
  const [event] = await toldEvents(register.database, register, subscriber, [row]);
  if (event === undefined) throw new Error('an event could not be read');
  const bundle = notificationBundle(register.catalogue, baseUrl, notifiedOf(subscriber), event);
  return { id: eventId(subscriber.subscriptionId, row.number), body: JSON.stringify(bundle) };
}

/** Events as they are told. One whose profile is gone with the citizen's account says what stands now (rule 37). */
export async function toldEvents(
  sql: Sql,
  register: Reading,
  subscriber: Subscriber,
  rows: readonly EventRow[],
): Promise<ToldEvent[]> {
  const isComplete = rows.every(({ profile }) => profile !== null);
  const [standing] = isComplete ? [] : await holderProfiles(sql, register, [subscriber]);
  return rows.flatMap(({ number, recordedAt, profile }) => {
    const told = (profile as HolderProfile | null) ?? standing?.profile;
    return told === undefined ? [] : [{ number, recordedAt, profile: told }];
  });
}

export function notifiedOf({ subscriptionId, subscription }: Subscriber): Notified {
  const { bsn, ura, holderType } = registrationOf(subscription);
  return { subscriptionId, bsn, ura, holderType };
}
