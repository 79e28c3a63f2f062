import type { Sql } from './database.ts';
import type { SubscriptionKey } from './notification.ts';

/** A subscription that this server has in hand for a while, to deliver its next event. */
export interface Claim extends SubscriptionKey {
  /** Whose turn it is; another server that took it over has another one. */
  readonly claim: string;
  /** Keyed hash of the host of the endpoint. */
  readonly host: Buffer;
  /** Number of the next event. */
  readonly next: number;
  /** How often that one was tried in vain. */
  readonly attempts: number;
  /** Keyed hash of the holder's number. */
  readonly vault: Buffer;
  /** The sealed Subscription; null when it was deleted. */
  readonly content: object | null;
}

/** How much a server may take: in all, and from hosts of which it has some in hand already. */
export interface Room {
  readonly most: number;
  readonly mostOfHost: number;
  readonly ofHosts: readonly { readonly host: Buffer; readonly most: number }[];
}

/** How a delivery goes on that was in vain. */
interface Postponement {
  /** Until the next try, in milliseconds. */
  readonly wait: number;
  /** How long it may have been tried, in milliseconds. */
  readonly expiry: number;
}

interface RawClaim {
  readonly patient_key: Buffer;
  readonly subscription_id: string;
  readonly claim: string;
  readonly host: Buffer;
  readonly delivered_event: number;
  readonly attempts: number;
  readonly vault: Buffer;
  readonly content: object | null;
}

// The hosts that have anything to deliver, one step of the index each, in random order so that none is always first; of
// each as many as there is room for. What another server is taking at this moment is passed over.
const CLAIM_DUE = `
  with recursive host as (
    (select n.host from notification as n where n.due_at is not null order by n.host limit 1)
    union all
    select (select n.host from notification as n where n.due_at is not null and n.host > host.host order by n.host limit 1)
    from host where host.host is not null
  ), turn as materialized (
    select due.patient_key, due.subscription_id
    from (
      select host.host, coalesce(busy.most, $2::integer) as most
      from host left join unnest($3::bytea[], $4::integer[]) as busy (host, most) on busy.host = host.host
      where host.host is not null order by random()
    ) as open
    cross join lateral (
      select n.patient_key, n.subscription_id from notification as n
      where n.host = open.host and n.due_at <= now() order by n.due_at limit open.most for update skip locked
    ) as due
    limit $1
  ), taken as (
    update notification as n set claim = gen_random_uuid(), due_at = now() + $5 * interval '1 millisecond'
    from turn where n.patient_key = turn.patient_key and n.subscription_id = turn.subscription_id
    returning n.patient_key, n.subscription_id, n.claim, n.host, n.delivered_event, n.attempts)
  select taken.*, s.vault, s.content
  from taken join subscription as s on s.patient_key = taken.patient_key and s.id = taken.subscription_id`;

/** By its status a search finds a subscription. */
const FOUND_IN_ERROR = `'{"status": ["error", "|error"]}'::jsonb`;

// Whoever lost the claim changes nothing. Evaluated on the row as it is when its turn has come, so an event that was
// written meanwhile is seen.
const DELIVERED = `
  update notification
  set delivered_event = $4, attempts = 0, due_since = now(),
      due_at = case when last_event > $4 then now() + $5 * interval '1 millisecond' end,
      claim = case when last_event > $4 then claim end
  where patient_key = $1 and subscription_id = $2 and claim = $3
  returning last_event, date_trunc('milliseconds', clock_timestamp()) as now`;

const POSTPONE = `
  with postponed as (
    update notification
    set attempts = attempts + 1, claim = null, failed = now() >= due_since + $5 * interval '1 millisecond',
        due_at = case when now() < due_since + $5 * interval '1 millisecond' then now() + $4 * interval '1 millisecond' end
    where patient_key = $1 and subscription_id = $2 and claim = $3
    returning failed),
  found as (
    update subscription set search = ${FOUND_IN_ERROR}
    where patient_key = $1 and id = $2 and not deleted and exists (select from postponed where failed))
  select failed from postponed`;

const GIVE_BACK = `
  update notification set claim = null, due_at = now() where patient_key = $1 and subscription_id = $2 and claim = $3`;

/** Takes what is due, for `lease` milliseconds. */
export async function claimDue(sql: Sql, room: Room, lease: number): Promise<Claim[]> {
  const { most, mostOfHost, ofHosts } = room;
  const hosts = ofHosts.map(({ host }) => host);
  const open = ofHosts.map((one) => one.most);
  const { rows } = await sql.query<RawClaim & Record<string, unknown>>(CLAIM_DUE, [
    most,
    mostOfHost,
    hosts,
    open,
    lease,
  ]);
  return rows.map(({ patient_key, subscription_id, delivered_event, ...raw }) => ({
    ...raw,
    patientKey: patient_key,
    subscriptionId: subscription_id,
    next: delivered_event + 1,
  }));
}

/**
 * Records that an event was received.
 * @returns nothing when the claim was lost; else whether there are more, which stay claimed for `lease` milliseconds
 */
export async function recordDelivered(
  sql: Sql,
  { patientKey, subscriptionId, claim }: Claim,
  number: number,
  lease: number,
): Promise<{ readonly hasMore: boolean; readonly now: number } | undefined> {
  const values = [patientKey, subscriptionId, claim, number, lease];
  const { rows } = await sql.query<{ last_event: number; now: number }>(DELIVERED, values);
  return rows.map((row) => ({ hasMore: row.last_event > number, now: row.now }))[0];
}

/**
 * Records that an event was not received: it is tried again later, or given up when that has gone on for long enough.
 * @returns whether it was given up
 */
export async function postpone(
  sql: Sql,
  { patientKey, subscriptionId, claim }: Claim,
  { wait, expiry }: Postponement,
): Promise<boolean> {
  const { rows } = await sql.query<{ failed: boolean }>(POSTPONE, [patientKey, subscriptionId, claim, wait, expiry]);
  return rows[0]?.failed ?? false;
}

/** Lets another server go on at once. */
export async function giveBack(sql: Sql, { patientKey, subscriptionId, claim }: Claim): Promise<void> {
  await sql.query(GIVE_BACK, [patientKey, subscriptionId, claim]);
}
