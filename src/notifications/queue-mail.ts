import { randomUUID } from 'node:crypto';
import type { Sql } from '../storage/database.ts';
import { insertMail } from '../storage/mail.ts';
import type { Language } from '../storage/mail-address.ts';
import { ADDRESS_PURPOSE, type TextVault } from './mail.ts';
import { mayMail } from './mail-limit.ts';

interface DeletionMail {
  /** Whose account it was: for the limit, it does not stand in the mail. */
  readonly patientKey: Buffer;
  /** Must be one by `isMailAddress`. */
  readonly address: string;
  readonly language: Language;
  /** Milliseconds by the database's clock. */
  readonly now: number;
}

/**
 * Queues the one mail that says that an account is gone. It belongs to nobody any more: it holds the address that was
 * given for it, sealed, until it is sent. Hold the citizen's lock.
 * @returns false when there were too many today; otherwise it is to be noted as `mailed`
 */
export async function queueDeletionMail(
  sql: Sql,
  vault: TextVault,
  { patientKey, address, language, now }: DeletionMail,
): Promise<boolean> {
  if (!(await mayMail(sql, patientKey, 'deletion', now))) return false;
  const sealed = vault.sealText(ADDRESS_PURPOSE, address);
  await insertMail(sql, { id: randomUUID(), kind: 'account-deleted', language, address: sealed, queuedAt: now });
  return true;
}
