import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';
import {
  type Change,
  type Current,
  type NewVersion,
  type RawCurrent,
  type ResourceTable,
  currentColumns,
  insertResource,
  keepHistory,
  readCurrentColumns,
  updateResource,
} from './versioned.ts';

/** A consent. `rule` is what the decision reads of it: there exactly while it may count (active or proposed). */
export interface ConsentRow extends Current {
  readonly patientKey: Buffer;
  readonly status: string;
  readonly rule: object | null;
}

interface Standing {
  readonly status: string;
  readonly rule: object | null;
}

export const CONSENT: ResourceTable<ConsentRow> = {
  name: 'consent',
  own: ['patient_key', 'status', 'rule'],
  changing: ['status', 'rule'],
  kept: ['patient_key', 'status', 'rule'],
  onDelete: ', rule = null',
  readRow: readConsentRow,
};

const FIND_CONSENTS = `
  select ${currentColumns(CONSENT)} from consent as t
  where t.patient_key = any($1::bytea[]) and not t.deleted order by t.recorded_at, t.id`;

const INSERT_CONSENTS = `with written as (
    insert into consent (id, version, recorded_at, deleted, patient_key, content, search, status, rule)
    select id, 1, $1::timestamptz, false, patient_key, content, search, status, rule
    from unnest($2::text[], $3::bytea[], $4::json[], $5::jsonb[], $6::text[], $7::json[])
      as new (id, patient_key, content, search, status, rule)
    returning *)${keepHistory(CONSENT, `'create'`)}`;

const UPDATE_CONSENTS = `with written as (
    update consent as old
    set version = old.version + 1, recorded_at = greatest($1::timestamptz, old.recorded_at),
        content = new.content, search = new.search, status = new.status, rule = new.rule
    from unnest($2::text[], $3::bytea[], $4::json[], $5::jsonb[], $6::text[], $7::json[], $8::integer[])
      as new (id, patient_key, content, search, status, rule, expected)
    where old.patient_key = new.patient_key and old.id = new.id and old.version = new.expected and not old.deleted
    returning old.*)${keepHistory(CONSENT, `'update'`)}`;

function readConsentRow(raw: RawCurrent): ConsentRow {
  return {
    ...readCurrentColumns(raw),
    patientKey: raw['patient_key'] as Buffer,
    status: raw['status'] as string,
    rule: raw['rule'] as object | null,
  };
}

/** @throws Problem conflict when this citizen has a consent with this id */
export function insertConsent(
  sql: Sql,
  consent: NewVersion & Standing & { readonly patientKey: Buffer },
): Promise<ConsentRow> {
  return insertResource(sql, CONSENT, consent, [consent.patientKey, consent.status, consent.rule]);
}

/** The next version, of the same citizen; nothing when the id is unknown or `expected` not current. */
export function updateConsent(
  sql: Sql,
  consent: NewVersion & Change & Standing & { readonly method: 'update' | 'patch' },
): Promise<ConsentRow | undefined> {
  return updateResource(sql, CONSENT, consent, [consent.status, consent.rule]);
}

/** One Consent among many that are written at once, of one instant. */
export type ManyConsents = Omit<NewVersion, 'recordedAt'> & Standing & { readonly patientKey: Buffer };

/** Records version 1 of many, in one statement. @throws Problem conflict when a citizen has a consent with its id */
export async function insertConsents(
  sql: Sql,
  recordedAt: number,
  consents: readonly ManyConsents[],
): Promise<ConsentRow[]> {
  const { rows } = await sql.query<RawCurrent>(INSERT_CONSENTS, [timestamp(recordedAt), ...columnsOf(consents)]);
  return rows.map(readConsentRow);
}

/** Records the next version of many, in one statement; one of which `expected` is not current is not among those returned. */
export async function updateConsents(
  sql: Sql,
  recordedAt: number,
  consents: readonly (ManyConsents & { readonly expected: number })[],
): Promise<ConsentRow[]> {
  const expected = consents.map((consent) => consent.expected);
  const values = [timestamp(recordedAt), ...columnsOf(consents), expected];
  const { rows } = await sql.query<RawCurrent>(UPDATE_CONSENTS, values);
  return rows.map(readConsentRow);
}

function columnsOf(consents: readonly ManyConsents[]): unknown[] {
  return [
    consents.map(({ id }) => id),
    consents.map(({ patientKey }) => patientKey),
    consents.map(({ content }) => JSON.stringify(content)),
    consents.map(({ search }) => JSON.stringify(search)),
    consents.map(({ status }) => status),
    consents.map(({ rule }) => (rule === null ? null : JSON.stringify(rule))),
  ];
}

/** All consents of these citizens that are not deleted, of any status, oldest first. */
export async function findConsents(sql: Sql, patientKeys: readonly Buffer[]): Promise<ConsentRow[]> {
  const { rows } = await sql.query<RawCurrent>(FIND_CONSENTS, [patientKeys]);
  return rows.map(readConsentRow);
}
