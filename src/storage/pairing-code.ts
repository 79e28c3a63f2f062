import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** The code that a child's screen shows, as keyed hashes. */
export interface PairingCodeRow {
  /** The child. */
  readonly patientKey: Buffer;
  /** Of the first half of the code, 32 bytes. */
  readonly selector: Buffer;
  /** Of the whole code, 32 bytes. */
  readonly verifier: Buffer;
  /** Of the versions of the Consents that the code is for, 32 bytes. */
  readonly proposals: Buffer;
  /** Milliseconds; from this moment on the code counts no longer. */
  readonly expiresAt: number;
  /** Wrong ones so far. */
  readonly tries: number;
}

interface RawPairingCode {
  readonly patient_key: Buffer;
  readonly selector: Buffer;
  readonly verifier: Buffer;
  readonly proposals: Buffer;
  readonly expires_at: number;
  readonly tries: number;
}

const FIND_BY_SELECTOR = `
  select patient_key, selector, verifier, proposals, expires_at, tries from pairing_code where selector = $1`;

// The child's own code, and whichever has the selector but counts no longer.
const MAKE_ROOM = `
  delete from pairing_code where patient_key = $1 or (selector = $2 and expires_at <= $3::timestamptz)`;

const INSERT_CODE = `
  insert into pairing_code (patient_key, selector, verifier, proposals, expires_at, tries) values ($1, $2, $3, $4, $5, 0)
  on conflict (selector) do nothing`;

const COUNT_TRY = `update pairing_code set tries = tries + 1 where patient_key = $1`;

const DELETE_CODE = `delete from pairing_code where patient_key = $1`;

/** The code with this selector, also one that counts no longer. Read it again under the child's lock. */
export async function findPairingCode(sql: Sql, selector: Buffer): Promise<PairingCodeRow | undefined> {
  const { rows } = await sql.query<RawPairingCode & Record<string, unknown>>(FIND_BY_SELECTOR, [selector]);
  return rows.map((raw) => ({
    patientKey: raw.patient_key,
    selector: raw.selector,
    verifier: raw.verifier,
    proposals: raw.proposals,
    expiresAt: raw.expires_at,
    tries: raw.tries,
  }))[0];
}

/**
 * Writes a child's code over the one before. Hold the child's lock.
 * @returns false when another's code has the selector at this moment
 */
export async function savePairingCode(sql: Sql, code: Omit<PairingCodeRow, 'tries'>, now: number): Promise<boolean> {
  const { patientKey, selector, verifier, proposals, expiresAt } = code;
  await sql.query(MAKE_ROOM, [patientKey, selector, timestamp(now)]);
  const values = [patientKey, selector, verifier, proposals, timestamp(expiresAt)];
  return (await sql.query(INSERT_CODE, values)).rowCount === 1;
}

/** One more wrong one. Hold the child's lock. */
export async function countPairingTry(sql: Sql, patientKey: Buffer): Promise<void> {
  await sql.query(COUNT_TRY, [patientKey]);
}

/** Ends a child's code. Hold the child's lock. */
export async function deletePairingCode(sql: Sql, patientKey: Buffer): Promise<void> {
  await sql.query(DELETE_CODE, [patientKey]);
}
