import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** What a subscription was told last. */
export interface ToldRow {
  readonly subscriptionId: string;
  readonly profile: object;
  /** Number of the last event. */
  readonly lastEvent: number;
}

/** The next event of a subscription. */
export interface NewEvent {
  readonly patientKey: Buffer;
  readonly subscriptionId: string;
  readonly number: number;
  readonly profile: object;
  /** Keyed hash of the host of the endpoint, 32 bytes. */
  readonly host: Buffer;
}

export interface EventRow {
  readonly number: number;
  readonly recordedAt: number;
  /** Null after the citizen deleted the account. */
  readonly profile: object | null;
}

/** How the delivery of a subscription stands. */
export interface DeliveryStatus {
  readonly status: 'active' | 'error';
  readonly lastEvent: number;
}

/** Which subscription, as the table is keyed. */
export interface SubscriptionKey {
  readonly patientKey: Buffer;
  readonly subscriptionId: string;
}

const FIND_TOLD = `
  select subscription_id, told, last_event from notification where patient_key = any($1::bytea[])`;

// A delivery that waits for its next try, or that a server has in hand, goes on as it is: the new event comes after it.
const WRITE_EVENTS = `
  with given as (
    select * from unnest($1::bytea[], $2::text[], $3::integer[], $4::text[], $5::bytea[])
      as given (patient_key, subscription_id, number, profile, host)
  ), events as (
    insert into notification_event (patient_key, subscription_id, number, recorded_at, profile)
    select patient_key, subscription_id, number, $6::timestamptz, profile::json from given)
  insert into notification as known
    (patient_key, subscription_id, host, told, last_event, delivered_event, due_since, due_at)
  select patient_key, subscription_id, host, profile::json, number, number - 1, $6::timestamptz, $6::timestamptz from given
  on conflict (patient_key, subscription_id) do update
  set host = excluded.host, told = excluded.told, last_event = excluded.last_event,
      due_since = case when known.last_event = known.delivered_event then excluded.due_since else known.due_since end,
      due_at = case when known.failed then null else coalesce(known.due_at, excluded.due_at) end`;

const FIND_EVENTS = `
  select number, recorded_at, profile from notification_event
  where patient_key = $1 and subscription_id = $2 and number between $3 and $4 order by number limit $5`;

const FIND_STATUS = `
  select subscription_id, failed, last_event from notification where subscription_id = any($1::text[])`;

const RESUME = `
  with found as (
    update subscription set search = '{"status": ["active", "|active"]}'
    where patient_key = $1 and id = $2 and not deleted and search @> '{"status": ["error"]}')
  update notification
  set host = $3, failed = false, attempts = 0, due_since = $4::timestamptz,
      claim = null, due_at = case when last_event > delivered_event then $4::timestamptz end
  where patient_key = $1 and subscription_id = $2`;

const END = `
  with events as (delete from notification_event where patient_key = $1 and subscription_id = $2)
  delete from notification where patient_key = $1 and subscription_id = $2`;

/** What the subscriptions of these citizens were told, as far as they were told anything. Hold the citizens' lock. */
export async function findTold(sql: Sql, patientKeys: readonly Buffer[]): Promise<ToldRow[]> {
  const { rows } = await sql.query<{ subscription_id: string; told: object; last_event: number }>(FIND_TOLD, [
    patientKeys,
  ]);
  return rows.map((row) => ({ subscriptionId: row.subscription_id, profile: row.told, lastEvent: row.last_event }));
}

/** Writes events to be delivered from `now` on, at most one for each subscription. Hold the citizens' lock. */
export async function writeEvents(sql: Sql, events: readonly NewEvent[], now: number): Promise<void> {
  if (events.length === 0) return;
  await sql.query(WRITE_EVENTS, [
    events.map(({ patientKey }) => patientKey),
    events.map(({ subscriptionId }) => subscriptionId),
    events.map(({ number }) => number),
    events.map(({ profile }) => JSON.stringify(profile)),
    events.map(({ host }) => host),
    timestamp(now),
  ]);
}

/** The events with numbers from `first` to `last`, both included, in order. */
export async function findEvents(
  sql: Sql,
  { patientKey, subscriptionId }: SubscriptionKey,
  range: { readonly first: number; readonly last: number; readonly most: number },
): Promise<EventRow[]> {
  const values = [patientKey, subscriptionId, range.first, range.last, range.most];
  const { rows } = await sql.query<{ number: number; recorded_at: number; profile: object | null }>(
    FIND_EVENTS,
    values,
  );
  return rows.map((row) => ({ number: row.number, recordedAt: row.recorded_at, profile: row.profile }));
}

/** How delivery stands, by the id of the subscription; one that was never told anything is not in it. */
export async function findDeliveryStatus(
  sql: Sql,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, DeliveryStatus>> {
  const { rows } = await sql.query<{ subscription_id: string; failed: boolean; last_event: number }>(FIND_STATUS, [
    subscriptionIds,
  ]);
  return new Map(
    rows.map((row) => [
      row.subscription_id,
      { status: row.failed ? 'error' : 'active', lastEvent: row.last_event } as const,
    ]),
  );
}

/** Lets a delivery go on, at `host`, with its first undelivered event, also one that was given up. */
export async function resumeEvents(
  sql: Sql,
  { patientKey, subscriptionId }: SubscriptionKey,
  { host, now }: { readonly host: Buffer; readonly now: number },
): Promise<void> {
  await sql.query(RESUME, [patientKey, subscriptionId, host, timestamp(now)]);
}

/** Forgets the events of a subscription that has ended. */
export async function endEvents(sql: Sql, { patientKey, subscriptionId }: SubscriptionKey): Promise<void> {
  await sql.query(END, [patientKey, subscriptionId]);
}
