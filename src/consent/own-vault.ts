import { notificationSecretOf } from '../notifications/notification-secret.ts';
import type { VaultKeys } from '../notifications/holder-vaults.ts';
import type { Unit } from './unit.ts';

/** A holder's vault, opened. */
interface OpenVault {
  readonly keys: VaultKeys;
  /** Signs the holder's notifications. */
  readonly secret: string;
}

/** A caller has one vault, so a piece of work opens one. */
const opened = new WeakMap<Unit, OpenVault>();

/** The vault of the caller's own organisation; nothing for who has none. */
export function ownVaultOf({ caller, register }: Unit): Buffer | undefined {
  const ura = caller.role === 'holder' ? caller.ura : undefined;
  return ura === undefined ? undefined : register.holderVaults.vaultOf(ura);
}

/**
 * Opens a vault once for a piece of work, and again when its keys were rotated meanwhile.
 * @param version the data key that is needed
 * @throws Problem unavailable when the vault cannot be opened
 */
export async function openVault(unit: Unit, vault: Buffer, version: number): Promise<OpenVault> {
  const known = opened.get(unit);
  if (known?.keys.holds(vault, version) === true) return known;
  const { holderVaults } = unit.register;
  const secret = await notificationSecretOf(unit.sql, holderVaults, vault);
  const open = { keys: await holderVaults.keysOf(unit.sql, [vault]), secret };
  opened.set(unit, open);
  return open;
}
