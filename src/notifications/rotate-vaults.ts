import { Problem } from '../problem.ts';
import { type Database, inTransaction, type Sql } from '../storage/database.ts';
import { readClock } from '../storage/clock.ts';
import { insertDataKey } from '../storage/holder-vault.ts';
import { deleteOldDataKeys, findVaults, lockVault, resealEntries, rewrapDataKey } from '../storage/sealed-entry.ts';
import type { HolderVaults, Sealed } from './holder-vaults.ts';

/** What a rotation did. */
export interface Rotated {
  readonly vaults: number;
  readonly entries: number;
}

/** How often a vault is tried whose entries somebody else holds. */
const TRIES = 5;

/**
 * Gives every vault a new data key, seals all its entries again under it, and removes data keys older than the one before;
 * what stays is wrapped by the current master key. Each vault is one transaction, those last rotated longest ago first: a run
 * that was cut short has done some vaults completely and the others not at all, and the next begins with those. Servers may
 * run meanwhile: they read the key they need beside the entry, and the one before stays for whoever is on the way.
 * @throws Problem unavailable when a vault cannot be opened, or stays in use
 */
export async function rotateVaults(database: Database, vaults: HolderVaults): Promise<Rotated> {
  const found = await findVaults(database);
  let entries = 0;
  for (const vault of found) entries += await rotateSoon(database, vaults, vault, TRIES);
  return { vaults: found.length, entries };
}

async function rotateSoon(database: Database, vaults: HolderVaults, vault: Buffer, tries: number): Promise<number> {
  try {
    return await inTransaction(database, (sql) => rotate(sql, vaults, vault));
  } catch (error) {
    const mayPass = error instanceof Problem && error.issues[0].code === 'database-unavailable';
    if (!mayPass || tries <= 1) throw error;
    return rotateSoon(database, vaults, vault, tries - 1);
  }
}

async function rotate(sql: Sql, vaults: HolderVaults, vault: Buffer): Promise<number> {
  await lockVault(sql, vault);
  const before = await vaults.keysOf(sql, [vault]);
  const previous = before.of(vault).at(-1)?.version ?? 0;
  await insertDataKey(sql, vaults.newKey(vault, previous + 1), await readClock(sql));
  for (const key of vaults.rewrap(vault, before)) await rewrapDataKey(sql, key);
  const keys = await vaults.keysOf(sql, [vault]);
  const entries = await resealEntries(sql, vault, ({ purpose, content }) =>
    keys.seal(vault, purpose, keys.open(vault, purpose, content as Sealed)),
  );
  await deleteOldDataKeys(sql, vault, previous);
  return entries;
}
