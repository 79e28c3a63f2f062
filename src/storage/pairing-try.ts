import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** Refused tries of an account. */
export interface PairingTryRow {
  readonly patientKey: Buffer;
  /** The first of them, milliseconds. */
  readonly since: number;
  readonly tries: number;
}

const FIND_TRIES = `select since, tries from pairing_try where patient_key = $1`;

const SAVE_TRIES = `
  insert into pairing_try (patient_key, since, tries) values ($1, $2, $3)
  on conflict (patient_key) do update set since = excluded.since, tries = excluded.tries`;

/** The tries of this account; nothing when there never was one. */
export async function findPairingTries(sql: Sql, patientKey: Buffer): Promise<PairingTryRow | undefined> {
  const { rows } = await sql.query<{ since: number; tries: number }>(FIND_TRIES, [patientKey]);
  return rows.map((row) => ({ patientKey, ...row }))[0];
}

/** Writes the tries of an account over what was there. Hold the account's lock. */
export async function savePairingTries(sql: Sql, { patientKey, since, tries }: PairingTryRow): Promise<void> {
  await sql.query(SAVE_TRIES, [patientKey, timestamp(since), tries]);
}
