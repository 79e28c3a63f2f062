import { randomUUID } from 'node:crypto';
import { type Problem, problem } from '../problem.ts';
import type { Sql } from '../storage/database.ts';
import { deleteMails, insertMail } from '../storage/mail.ts';
import {
  deleteMailAddress,
  findMailAddress,
  type Language,
  type MailAddressRow,
  saveMailAddress,
} from '../storage/mail-address.ts';
import { ADDRESS_PURPOSE, CODE_PURPOSE, type TextVault } from './mail.ts';
import { hashMailCode, newMailCode } from './mail-code.ts';
import { mayMail } from './mail-limit.ts';

/** How long a code counts: a day. */
const CODE_LIFE = 86_400_000;

/** What a citizen says about the own mail. */
interface Wanted {
  readonly patientKey: Buffer;
  /** Absent: no mail. */
  readonly address: string | undefined;
  readonly language: Language;
  /** Milliseconds by the database's clock. */
  readonly now: number;
}

/**
 * Makes the citizen's address what the citizen says: one that is new gets a code to confirm it with, and until then the
 * earlier one stays. Hold the citizen's lock.
 * @returns whether there is a mail that asks to confirm it: to be noted as `mailed`
 * @throws Problem too-many when a citizen proposes address after address
 */
export async function keepMailAddress(sql: Sql, vault: TextVault, wanted: Wanted): Promise<boolean> {
  const { patientKey, address, language, now } = wanted;
  const there = await findMailAddress(sql, patientKey);
  if (address === undefined) {
    if (there !== undefined) await forget(sql, patientKey);
    return false;
  }
  const row: MailAddressRow = { patientKey, ...there, language };
  const open = (sealed?: string) => (sealed === undefined ? undefined : vault.openText(ADDRESS_PURPOSE, sealed));
  if (address === open(row.confirmed)) await saveMailAddress(sql, await withoutProposal(sql, row));
  else if (address === open(row.proposal?.address) && isRunning(row, now)) await saveMailAddress(sql, row);
  else return propose(sql, vault, row, { ...wanted, address });
  return false;
}

async function forget(sql: Sql, patientKey: Buffer): Promise<void> {
  await deleteMails(sql, patientKey, ['news', 'confirm-address']);
  await deleteMailAddress(sql, patientKey);
}

async function withoutProposal(sql: Sql, row: MailAddressRow): Promise<MailAddressRow> {
  const { proposal, ...rest } = row;
  if (proposal !== undefined) await deleteMails(sql, row.patientKey, ['confirm-address']);
  return rest;
}

function isRunning({ proposal }: MailAddressRow, now: number): boolean {
  return proposal !== undefined && now < proposal.expiresAt;
}

async function propose(
  sql: Sql,
  vault: TextVault,
  row: MailAddressRow,
  { patientKey, address, language, now }: Wanted & { readonly address: string },
): Promise<true> {
  if (!(await mayMail(sql, patientKey, 'address', now))) throw tooMany();
  const code = newMailCode();
  const sealed = vault.sealText(ADDRESS_PURPOSE, address);
  const proposal = { address: sealed, codeHash: hashMailCode(code), expiresAt: now + CODE_LIFE };
  await saveMailAddress(sql, { ...(await withoutProposal(sql, row)), proposal });
  const mail = { id: randomUUID(), patientKey, kind: 'confirm-address', language, address: sealed } as const;
  await insertMail(sql, { ...mail, code: vault.sealText(CODE_PURPOSE, code), queuedAt: now });
  return true;
}

function tooMany(): Problem {
  const text = 'Too many e-mail addresses were proposed today: try again tomorrow.';
  return problem('too-many', 'too-many-addresses', text, 'Patient.telecom');
}
