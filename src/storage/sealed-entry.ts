import type { Sql } from './database.ts';
import type { DataKeyRow } from './holder-vault.ts';

/** A table of which rows are sealed under the data keys of vaults: what each is sealed for, and in which column. */
const SEALED = [
  { table: 'subscription', purpose: 'id' },
  { table: 'subscription_history', purpose: 'id' },
  { table: 'holder_secret', purpose: `'notification secret'` },
] as const;

/** One sealed row, locked until the transaction ends. */
export interface SealedEntry {
  /** What it is sealed for. */
  readonly purpose: string;
  readonly content: object;
}

/** Makes the entry as it is to be stored from now on. */
export type Reseal = (entry: SealedEntry) => object;

/** Entries that are read and written at a time. */
const BATCH = 500;

const LOCK_VAULT = `select pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 11))`;

const FIND_VAULTS = `select vault from holder_vault group by vault order by max(created_at), vault`;

const REWRAP = 'update holder_vault set wrapped_key = $3 where vault = $1 and key_version = $2';

// One that somebody seals under at this moment is left for the next rotation.
const LOCK_OLDER = `
  select key_version from holder_vault where vault = $1 and key_version < $2 for update skip locked`;

const DELETE_UNUSED = `
  delete from holder_vault as k where k.vault = $1 and k.key_version = any($2::integer[])
  ${SEALED.map(
    ({ table }) =>
      `and not exists (select from ${table} as s
        where s.vault = k.vault and s.content is not null and (s.content ->> 'key')::integer = k.key_version)`,
  ).join('\n  ')}`;

/** Every vault, those first whose newest data key is oldest. */
export async function findVaults(sql: Sql): Promise<Buffer[]> {
  const { rows } = await sql.query<{ vault: Buffer }>(FIND_VAULTS);
  return rows.map(({ vault }) => vault);
}

/** Makes everybody else who rotates the keys of this vault wait until the transaction ends; its readers and writers do not. */
export async function lockVault(sql: Sql, vault: Buffer): Promise<void> {
  await sql.query(LOCK_VAULT, [vault]);
}

/** Stores a data key in another wrapping. */
export async function rewrapDataKey(sql: Sql, { vault, keyVersion, wrappedKey }: DataKeyRow): Promise<void> {
  await sql.query(REWRAP, [vault, keyVersion, wrappedKey]);
}

/**
 * Writes every entry of a vault again, current ones and past, in constant memory.
 * @returns how many there were
 */
export async function resealEntries(sql: Sql, vault: Buffer, reseal: Reseal): Promise<number> {
  let count = 0;
  for (const { table, purpose } of SEALED) count += await resealTable(sql, { table, purpose, vault }, reseal);
  return count;
}

interface Place {
  readonly table: string;
  readonly purpose: string;
  readonly vault: Buffer;
}

/** The cursor locks what it gives, so that a row's address stays the row's until it is written. */
async function resealTable(sql: Sql, { table, purpose, vault }: Place, reseal: Reseal): Promise<number> {
  await sql.query(
    `declare sealed no scroll cursor for
      select ctid::text as at, ${purpose} as purpose, content from ${table}
      where vault = $1 and content is not null for update`,
    [vault],
  );
  let count = 0;
  for (let read = BATCH; read === BATCH; count += read) {
    const { rows } = await sql.query<SealedEntry & { at: string }>(`fetch ${BATCH} from sealed`);
    read = rows.length;
    if (read > 0) await write(sql, table, rows, reseal);
  }
  await sql.query('close sealed');
  return count;
}

async function write(
  sql: Sql,
  table: string,
  rows: readonly (SealedEntry & { readonly at: string })[],
  reseal: Reseal,
): Promise<void> {
  const places = rows.map(({ at }) => at);
  const contents = rows.map((row) => JSON.stringify(reseal(row)));
  const { rowCount } = await sql.query(
    `update ${table} as t set content = n.content from unnest($1::tid[], $2::json[]) as n (at, content) where t.ctid = n.at`,
    [places, contents],
  );
  if (rowCount !== rows.length) throw new Error('a sealed entry could not be written again');
}

/** Removes data keys older than `previous` under which nothing is sealed any more. */
export async function deleteOldDataKeys(sql: Sql, vault: Buffer, previous: number): Promise<void> {
  const { rows } = await sql.query<{ key_version: number }>(LOCK_OLDER, [vault, previous]);
  if (rows.length > 0) await sql.query(DELETE_UNUSED, [vault, rows.map((row) => row.key_version)]);
}
