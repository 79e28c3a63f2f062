import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';
import type { Language } from './mail-address.ts';

/** `news` says that there is something to see, whatever it is. */
export type MailKind = 'news' | 'confirm-address' | 'account-deleted';

/** A mail that goes to an address of its own. What is sealed stays so here. */
export interface NewMail {
  /** A UUID. */
  readonly id: string;
  /** Whose mail it is; absent when the account is gone. */
  readonly patientKey?: Buffer;
  readonly kind: Exclude<MailKind, 'news'>;
  readonly language: Language;
  readonly address: string;
  readonly code?: string;
  /** Milliseconds by the database's clock. */
  readonly queuedAt: number;
}

/** A mail that a server has taken to send it. */
export interface TakenMail {
  readonly id: string;
  readonly kind: MailKind;
  readonly language: Language;
  /** Sealed; absent when the citizen has no address any more. */
  readonly address?: string;
  readonly code?: string;
  /** How often it was taken, this time included. */
  readonly attempts: number;
  /** It has been tried for so long that this is the last time. */
  readonly isLast: boolean;
  /** Until then nobody else takes it. */
  readonly takenUntil: number;
}

interface RawTakenMail {
  readonly id: string;
  readonly kind: MailKind;
  readonly language: Language;
  readonly address: string | null;
  readonly code: string | null;
  readonly attempts: number;
  readonly is_last: boolean;
  readonly taken_until: number;
}

const INSERT_MAIL = `
  insert into mail (id, patient_key, kind, language, address, code, queued_at, next_at)
  values ($1, $2, $3, $4, $5, $6, $7, $7)`;

// A mail that still waits tells of this too, and is locked, so that nobody sends it before this transaction has ended.
// One that is being sent may arrive before: then there is another.
const QUEUE_NEWS = `
  with told as (
    select distinct address.patient_key, address.language
    from unnest($1::bytea[], $2::text[]) as event (patient_key, code)
    join citizen using (patient_key) join mail_address as address using (patient_key)
    where event.code = any(citizen.email_on) and address.confirmed is not null),
  waiting as (
    update mail set queued_at = $3::timestamptz, taken_until = null
    where id in (
      select mail.id from mail join told using (patient_key)
      where mail.kind = 'news' and (mail.taken_until is null or mail.taken_until <= clock_timestamp())
      for update of mail skip locked)
    returning patient_key)
  insert into mail (id, patient_key, kind, language, queued_at, next_at)
  select gen_random_uuid(), patient_key, 'news', language, $3, $3
  from told where patient_key not in (select patient_key from waiting)`;

// Whole milliseconds, so that the lease can be named again.
const TAKE_MAILS = `
  with due as (
    select id from mail
    where next_at <= clock_timestamp() and (taken_until is null or taken_until <= clock_timestamp())
    order by next_at limit $1 for update skip locked)
  update mail set attempts = attempts + 1,
    taken_until = date_trunc('milliseconds', clock_timestamp()) + $2 * interval '1 millisecond'
  from due where mail.id = due.id
  returning mail.id, kind, language, code, attempts, taken_until,
    queued_at + $3 * interval '1 millisecond' <= clock_timestamp() as is_last,
    case when kind = 'news'
      then (select confirmed from mail_address where mail_address.patient_key = mail.patient_key)
      else address end as address`;

const DELETE_TAKEN = 'delete from mail where id = $1 and taken_until = $2::timestamptz';

const PUT_BACK = `
  update mail set taken_until = null, next_at = clock_timestamp() + $3 * interval '1 millisecond'
  where id = $1 and taken_until = $2::timestamptz`;

const DELETE_OF_CITIZEN = 'delete from mail where patient_key = $1 and kind = any($2)';

function readTakenMail({ address, code, is_last: isLast, taken_until: takenUntil, ...raw }: RawTakenMail): TakenMail {
  return { ...raw, isLast, takenUntil, ...(address === null ? {} : { address }), ...(code === null ? {} : { code }) };
}

export async function insertMail(sql: Sql, mail: NewMail): Promise<void> {
  const { id, patientKey = null, kind, language, address, code = null, queuedAt } = mail;
  await sql.query(INSERT_MAIL, [id, patientKey, kind, language, address, code, timestamp(queuedAt)]);
}

/** Something happened that a citizen may want a mail about: `event` is a code of the settings. */
export interface MailEvent {
  readonly patientKey: Buffer;
  readonly event: string;
}

/**
 * Queues one mail for each of these citizens who has a confirmed address and wants a mail about one of the events.
 * @param now milliseconds by the database's clock
 */
export async function queueNews(sql: Sql, events: readonly MailEvent[], now: number): Promise<void> {
  const columns = [events.map(({ patientKey }) => patientKey), events.map(({ event }) => event)];
  await sql.query(QUEUE_NEWS, [...columns, timestamp(now)]);
}

/**
 * Takes mails that are due, longest waiting first; what others have taken is passed over.
 * @param times in milliseconds: how long they are ours (`lease`), how long a mail is tried at all (`life`)
 */
export async function takeMails(
  sql: Sql,
  most: number,
  times: { readonly lease: number; readonly life: number },
): Promise<TakenMail[]> {
  const values = [most, times.lease, times.life];
  const { rows } = await sql.query<RawTakenMail & Record<string, unknown>>(TAKE_MAILS, values);
  return rows.map(readTakenMail);
}

/** Done with. When others have taken it meanwhile it stays, for them to send. */
export async function deleteTakenMail(sql: Sql, { id, takenUntil }: TakenMail): Promise<void> {
  await sql.query(DELETE_TAKEN, [id, timestamp(takenUntil)]);
}

/** Gives a mail back, to be taken again after `pause` milliseconds. */
export async function putBackMail(sql: Sql, { id, takenUntil }: TakenMail, pause: number): Promise<void> {
  await sql.query(PUT_BACK, [id, timestamp(takenUntil), pause]);
}

/** Deletes a citizen's mails of these kinds that were not sent yet. */
export async function deleteMails(sql: Sql, patientKey: Buffer, kinds: readonly MailKind[]): Promise<void> {
  await sql.query(DELETE_OF_CITIZEN, [patientKey, kinds]);
}
