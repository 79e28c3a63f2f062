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

/** All data keys of these vaults, oldest first. */
export async function findDataKeys(sql: Sql, vaults: readonly Buffer[]): Promise<DataKeyRow[]> {
  const { rows } = await sql.query<RawDataKey>(FIND_DATA_KEYS, [vaults]);
  return rows.map((raw) => ({ vault: raw.vault, keyVersion: raw.key_version, wrappedKey: raw.wrapped_key }));
}

/** Adds a data key; when another made the same version first, theirs stays: read again. */
export async function insertDataKey(sql: Sql, key: DataKeyRow, now: number): Promise<void> {
  await sql.query(INSERT_DATA_KEY, [key.vault, key.keyVersion, key.wrappedKey, timestamp(now)]);
}
