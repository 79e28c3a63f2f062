import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** One data key of a holder's vault, wrapped by the master key. */
export interface DataKeyRow {
  /** Keyed hash of the holder's number, 32 bytes. */
  readonly vault: Buffer;
  /** 1 for the first; a rotation adds one. */
  readonly keyVersion: number;
  readonly wrappedKey: Buffer;
}

interface RawDataKey {
  readonly vault: Buffer;
  readonly key_version: number;
  readonly wrapped_key: Buffer;
}

const FIND_DATA_KEYS = `
  select vault, key_version, wrapped_key from holder_vault where vault = any($1::bytea[]) order by vault, key_version`;

const INSERT_DATA_KEY = `
  insert into holder_vault (vault, key_version, wrapped_key, created_at) values ($1, $2, $3, $4)
  on conflict (vault, key_version) do nothing`;

// Whoever seals keeps the key it seals under from being removed before it has committed.
const KEEP_NEWEST = `
  select key_version from holder_vault where vault = $1 order by key_version desc limit 1 for key share`;

const FIND_SECRET = 'select content from holder_secret where vault = $1';

const INSERT_SECRET = `
  insert into holder_secret (vault, content, created_at)
  values ($1, $2, date_trunc('milliseconds', clock_timestamp())) on conflict (vault) do nothing`;

/** All data keys of these vaults, oldest first. */
export async function findDataKeys(sql: Sql, vaults: readonly Buffer[]): Promise<DataKeyRow[]> {
  const { rows } = await sql.query<RawDataKey>(FIND_DATA_KEYS, [vaults]);
  return rows.map((raw) => ({ vault: raw.vault, keyVersion: raw.key_version, wrappedKey: raw.wrapped_key }));
}

/** Adds a data key; when another made the same version first, theirs stays: read again. */
export async function insertDataKey(sql: Sql, key: DataKeyRow, now: number): Promise<void> {
  await sql.query(INSERT_DATA_KEY, [key.vault, key.keyVersion, key.wrappedKey, timestamp(now)]);
}

/** Keeps the newest data key of a vault where it is until the transaction ends. False when the vault has none. */
export async function keepNewestDataKey(sql: Sql, vault: Buffer): Promise<boolean> {
  return (await sql.query(KEEP_NEWEST, [vault])).rowCount > 0;
}

/** The sealed secret of a vault; nothing when it has none yet. */
export async function findSecret(sql: Sql, vault: Buffer): Promise<object | undefined> {
  const { rows } = await sql.query<{ content: object }>(FIND_SECRET, [vault]);
  return rows[0]?.content;
}

/** Gives a vault its secret; when another was first, theirs stays: read again. */
export async function insertSecret(sql: Sql, vault: Buffer, content: object): Promise<void> {
  await sql.query(INSERT_SECRET, [vault, content]);
}
