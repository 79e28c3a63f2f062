import { randomBytes } from 'node:crypto';
import type { Sql } from '../storage/database.ts';
import { readClock } from '../storage/clock.ts';
import { findSecret, insertSecret } from '../storage/holder-vault.ts';
import type { HolderVaults, Sealed } from './holder-vaults.ts';

/** What the secret is sealed for: the other end of `VaultKeys.seal`. */
export const SECRET_PURPOSE = 'notification secret';

const SECRET_LENGTH = 32;

/**
 * The secret under which the notifications of a holder are signed: `whsec_` and 32 random bytes in base64, as Standard
 * Webhooks writes it. A vault that has none gets one now; it stays the same from then on.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws Problem unavailable when the vault cannot be opened
 */
export async function notificationSecretOf(sql: Sql, vaults: HolderVaults, vault: Buffer): Promise<string> {
  const there = await findSecret(sql, vault);
  const sealed = there ?? (await makeSecret(sql, vaults, vault));
  return (await vaults.keysOf(sql, [vault])).open(vault, SECRET_PURPOSE, sealed as Sealed);
}

async function makeSecret(sql: Sql, vaults: HolderVaults, vault: Buffer): Promise<object> {
  const keys = await vaults.openOrMake(sql, vault, await readClock(sql));
  const secret = `whsec_${randomBytes(SECRET_LENGTH).toString('base64')}`;
  await insertSecret(sql, vault, keys.seal(vault, SECRET_PURPOSE, secret));
  const sealed = await findSecret(sql, vault);
  if (sealed === undefined) throw new Error('a secret that was made is not there');
  return sealed;
}
