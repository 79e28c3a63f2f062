import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** In which languages mails are written. */
export type Language = 'nl' | 'en';

/** Where mails for a citizen go. Addresses are sealed. */
export interface MailAddressRow {
  readonly patientKey: Buffer;
  readonly language: Language;
  /** Mails go here. */
  readonly confirmed?: string;
  /** Waits for a confirmation by its owner. */
  readonly proposal?: {
    readonly address: string;
    /** Of the code that confirms it, 32 bytes. */
    readonly codeHash: Buffer;
    /** Milliseconds by the database's clock; the code counts before. */
    readonly expiresAt: number;
  };
}

interface RawMailAddress {
  readonly patient_key: Buffer;
  readonly language: Language;
  readonly confirmed: string | null;
  readonly proposed: string | null;
  readonly code_hash: Buffer | null;
  readonly code_expires_at: number | null;
}

const FIND_MAIL_ADDRESS = `
  select patient_key, language, confirmed, proposed, code_hash, code_expires_at
  from mail_address where patient_key = $1`;

const SAVE_MAIL_ADDRESS = `
  insert into mail_address (patient_key, language, confirmed, proposed, code_hash, code_expires_at)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (patient_key) do update set language = excluded.language, confirmed = excluded.confirmed,
    proposed = excluded.proposed, code_hash = excluded.code_hash, code_expires_at = excluded.code_expires_at`;

const DELETE_MAIL_ADDRESS = `delete from mail_address where patient_key = $1`;

const FIND_PROPOSER = `
  select patient_key from mail_address where code_hash = $1 and code_expires_at > clock_timestamp()`;

const CONFIRM = `
  update mail_address set confirmed = proposed, proposed = null, code_hash = null, code_expires_at = null
  where code_hash = $1 and code_expires_at > clock_timestamp()`;

function readMailAddressRow(raw: RawMailAddress): MailAddressRow {
  const { proposed: address, code_hash: codeHash, code_expires_at: expiresAt } = raw;
  const proposal =
    address === null || codeHash === null || expiresAt === null ? undefined : { address, codeHash, expiresAt };
  return {
    patientKey: raw.patient_key,
    language: raw.language,
    ...(raw.confirmed === null ? {} : { confirmed: raw.confirmed }),
    ...(proposal === undefined ? {} : { proposal }),
  };
}

export async function findMailAddress(sql: Sql, patientKey: Buffer): Promise<MailAddressRow | undefined> {
  const { rows } = await sql.query<RawMailAddress & Record<string, unknown>>(FIND_MAIL_ADDRESS, [patientKey]);
  return rows.map(readMailAddressRow)[0];
}

/** Writes where mails go, over what was there. Hold the citizen's lock. */
export async function saveMailAddress(sql: Sql, row: MailAddressRow): Promise<void> {
  const { patientKey, language, confirmed = null, proposal } = row;
  const proposed =
    proposal === undefined ? [null, null, null] : [proposal.address, proposal.codeHash, timestamp(proposal.expiresAt)];
  await sql.query(SAVE_MAIL_ADDRESS, [patientKey, language, confirmed, ...proposed]);
}

/** Forgets where mails go. Hold the citizen's lock. */
export async function deleteMailAddress(sql: Sql, patientKey: Buffer): Promise<void> {
  await sql.query(DELETE_MAIL_ADDRESS, [patientKey]);
}

/** The citizen whose proposed address this code confirms; nothing for a code that was never given, used or expired. */
export async function findProposer(sql: Sql, codeHash: Buffer): Promise<Buffer | undefined> {
  const { rows } = await sql.query<{ patient_key: Buffer }>(FIND_PROPOSER, [codeHash]);
  return rows[0]?.patient_key;
}

/** Confirms the address that this code was sent to. Hold the citizen's lock. @returns whether the code still counted */
export async function confirmMailAddress(sql: Sql, codeHash: Buffer): Promise<boolean> {
  const { rowCount } = await sql.query(CONFIRM, [codeHash]);
  return rowCount > 0;
}
