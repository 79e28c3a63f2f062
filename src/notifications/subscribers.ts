import type { Subscription } from '@medplum/fhirtypes';
import type { Sql } from '../storage/database.ts';
import { findSubscriptions, type SubscriptionVersion } from '../storage/subscription.ts';
import type { HolderVaults, Sealed, VaultKeys } from './holder-vaults.ts';

/** A holder's registration of a citizen, read from its vault. */
export interface Subscriber {
  readonly subscriptionId: string;
  readonly patientKey: Buffer;
  readonly vault: Buffer;
  /** As the holder gave it, without id, version and moment. Holds the BSN. */
  readonly subscription: Subscription;
}

/** Everybody who registered these citizens, oldest first for each citizen. For the server itself: no caller sees this. */
export async function findSubscribers(
  sql: Sql,
  vaults: HolderVaults,
  patientKeys: readonly Buffer[],
): Promise<Subscriber[]> {
  const rows = await findSubscriptions(sql, patientKeys);
  if (rows.length === 0) return [];
  const keys = await vaults.keysOf(
    sql,
    rows.map(({ vault }) => vault),
  );
  return rows.map((row) => readSubscriber(keys, row));
}

/** Opens one entry. @throws Problem unavailable when `keys` cannot open it */
export function readSubscriber(keys: VaultKeys, row: SubscriptionVersion): Subscriber {
  const { id, patientKey, vault } = row;
  const text = keys.open(vault, id, row.content as Sealed);
  return { subscriptionId: id, patientKey, vault, subscription: JSON.parse(text) as Subscription };
}
