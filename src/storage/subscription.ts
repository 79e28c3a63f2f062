import type { Sql } from './database.ts';
import {
  type Current,
  type NewVersion,
  type RawCurrent,
  type ResourceTable,
  currentColumns,
  insertResource,
  readCurrentColumns,
} from './versioned.ts';

/** A holder's registration of a citizen; `content` is sealed under a data key of the holder's vault. */
export interface SubscriptionRow extends Current {
  readonly patientKey: Buffer;
  /** Keyed hash of the holder's number, 32 bytes. */
  readonly vault: Buffer;
  /** Keyed hash of what makes two registrations the same, 32 bytes. */
  readonly registration: Buffer;
}

export const SUBSCRIPTION: ResourceTable<SubscriptionRow> = {
  name: 'subscription',
  own: ['patient_key', 'vault', 'registration'],
  changing: ['registration'],
  kept: ['patient_key', 'vault'],
  onDelete: '',
  readRow: readSubscriptionRow,
};

const FIND_BY_CITIZEN = `
  select ${currentColumns(SUBSCRIPTION)} from subscription as t
  where t.patient_key = any($1::bytea[]) and not t.deleted order by t.patient_key, t.recorded_at, t.id`;

const FIND_PAST = `
  select patient_key, id, vault, content from subscription_history
  where patient_key = any($1::bytea[]) and content is not null order by patient_key, id, version desc`;

const FIND_BY_REGISTRATION = `
  select ${currentColumns(SUBSCRIPTION)} from subscription as t
  where t.patient_key = $1 and t.registration = $2 and not t.deleted`;

const ARE_SUBSCRIBED = `
  select distinct patient_key from subscription
  where patient_key = any($1::bytea[]) and vault = $2 and not deleted`;

function readSubscriptionRow(raw: RawCurrent): SubscriptionRow {
  return {
    ...readCurrentColumns(raw),
    patientKey: raw['patient_key'] as Buffer,
    vault: raw['vault'] as Buffer,
    registration: raw['registration'] as Buffer,
  };
}

/** @throws Problem conflict when this holder has the same registration for this citizen */
export function insertSubscription(
  sql: Sql,
  subscription: NewVersion & Pick<SubscriptionRow, 'patientKey' | 'vault' | 'registration'>,
): Promise<SubscriptionRow> {
  const { patientKey, vault, registration } = subscription;
  return insertResource(sql, SUBSCRIPTION, subscription, [patientKey, vault, registration]);
}

/** All subscriptions for these citizens, of any holder, oldest first for each. */
export async function findSubscriptions(sql: Sql, patientKeys: readonly Buffer[]): Promise<SubscriptionRow[]> {
  const { rows } = await sql.query<RawCurrent>(FIND_BY_CITIZEN, [patientKeys]);
  return rows.map(readSubscriptionRow);
}

/** A version of a subscription, standing or ended. */
export type SubscriptionVersion = Pick<SubscriptionRow, 'id' | 'patientKey' | 'vault' | 'content'>;

/** Every version of every subscription for these citizens, ended ones too; of each subscription the newest first. */
export async function findPastSubscriptions(sql: Sql, patientKeys: readonly Buffer[]): Promise<SubscriptionVersion[]> {
  const { rows } = await sql.query<Omit<SubscriptionVersion, 'patientKey'> & { patient_key: Buffer }>(FIND_PAST, [
    patientKeys,
  ]);
  return rows.map(({ patient_key: patientKey, ...version }) => ({ patientKey, ...version }));
}

/** The subscription with this registration; nothing when there is none. */
export async function findRegistration(
  sql: Sql,
  patientKey: Buffer,
  registration: Buffer,
): Promise<SubscriptionRow | undefined> {
  const { rows } = await sql.query<RawCurrent>(FIND_BY_REGISTRATION, [patientKey, registration]);
  return rows.map(readSubscriptionRow)[0];
}

/** Those of these citizens for whom this holder has a subscription. */
export async function findSubscribed(sql: Sql, patientKeys: readonly Buffer[], vault: Buffer): Promise<Buffer[]> {
  const { rows } = await sql.query<{ patient_key: Buffer }>(ARE_SUBSCRIBED, [patientKeys, vault]);
  return rows.map((row) => row.patient_key);
}
