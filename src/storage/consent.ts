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

const FIND_NEW_RULES = `
  select rule from consent_history
  where patient_key = $1 and method = 'create' and rule is not null and recorded_at > $2::timestamptz`;

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

/** All consents of these citizens that are not deleted, of any status, oldest first. */
export async function findConsents(sql: Sql, patientKeys: readonly Buffer[]): Promise<ConsentRow[]> {
  const { rows } = await sql.query<RawCurrent>(FIND_CONSENTS, [patientKeys]);
  return rows.map(readConsentRow);
}

/** The rules that consents of this citizen began with, recorded after `since` (milliseconds), deleted ones included. */
export async function findNewRules(sql: Sql, patientKey: Buffer, since: number): Promise<object[]> {
  const { rows } = await sql.query<{ rule: object }>(FIND_NEW_RULES, [patientKey, timestamp(since)]);
  return rows.map(({ rule }) => rule);
}
