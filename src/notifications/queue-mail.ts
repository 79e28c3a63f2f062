import { randomUUID } from 'node:crypto';
import type { Sql } from '../storage/database.ts';
import { insertMail } from '../storage/mail.ts';
import type { Language } from '../storage/mail-address.ts';
import { ADDRESS_PURPOSE, type TextVault } from './mail.ts';

/**
 * Queues the one mail that says that an account is gone. It belongs to nobody any more: it holds the address that was
 * given for it, sealed, until it is sent.
 * @param address must be one by `isMailAddress`
 */
export async function queueDeletionMail(
  sql: Sql,
  vault: TextVault,
  { address, language, now }: { readonly address: string; readonly language: Language; readonly now: number },
): Promise<void> {
  const sealed = vault.sealText(ADDRESS_PURPOSE, address);
  await insertMail(sql, { id: randomUUID(), kind: 'account-deleted', language, address: sealed, queuedAt: now });
}
