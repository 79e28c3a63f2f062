import { randomUUID } from 'node:crypto';
import { problem } from '../problem.ts';
import type { Sql } from '../storage/database.ts';
import { deleteMails, insertMail } from '../storage/mail.ts';
import { findMailAddress, type Language, type MailAddressRow, saveMailAddress } from '../storage/mail-address.ts';
import { ADDRESS_PURPOSE, CODE_PURPOSE, type TextVault } from './mail.ts';
import { hashMailCode, newMailCode } from './mail-code.ts';

const DAY = 86_400_000;
/** How long a code counts. */
const CODE_LIFE = DAY;
/** So many addresses a citizen proposes in a day at most: each gets a mail, and its owner may be somebody else. */
const MOST_PROPOSALS = 10;

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
 * @throws Problem too-many when a citizen proposes address after address
 */
export async function keepMailAddress(sql: Sql, vault: TextVault, wanted: Wanted): Promise<void> {
  const { patientKey, address, language, now } = wanted;
  const there = await findMailAddress(sql, patientKey);
  if (address === undefined) {
    if (there !== undefined) await forget(sql, there);
    return;
  }
  const row: MailAddressRow = { ...(there ?? { patientKey, proposals: 0, proposalsSince: now }), language };
  const open = (sealed?: string) => (sealed === undefined ? undefined : vault.openText(ADDRESS_PURPOSE, sealed));
  if (address === open(row.confirmed)) await saveMailAddress(sql, await withoutProposal(sql, row));
  else if (address === open(row.proposal?.address) && isRunning(row, now)) await saveMailAddress(sql, row);
  else await propose(sql, vault, row, { ...wanted, address });
}

/** The row stays, without addresses, and goes on counting. */
async function forget(sql: Sql, row: MailAddressRow): Promise<void> {
  await deleteMails(sql, row.patientKey, ['news']);
  const { confirmed, ...rest } = await withoutProposal(sql, row);
  if (confirmed !== undefined || row.proposal !== undefined) await saveMailAddress(sql, rest);
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
): Promise<void> {
  const counted = countProposal(await withoutProposal(sql, row), now);
  const code = newMailCode();
  const sealed = vault.sealText(ADDRESS_PURPOSE, address);
  const proposal = { address: sealed, codeHash: hashMailCode(code), expiresAt: now + CODE_LIFE };
  await saveMailAddress(sql, { ...counted, proposal });
  const mail = { id: randomUUID(), patientKey, kind: 'confirm-address', language, address: sealed } as const;
  await insertMail(sql, { ...mail, code: vault.sealText(CODE_PURPOSE, code), queuedAt: now });
}

function countProposal(row: MailAddressRow, now: number): MailAddressRow {
  if (row.proposalsSince + DAY <= now) return { ...row, proposals: 1, proposalsSince: now };
  if (row.proposals < MOST_PROPOSALS) return { ...row, proposals: row.proposals + 1 };
  const text = 'Too many e-mail addresses were proposed today: try again tomorrow.';
  throw problem('too-many', 'too-many-addresses', text, 'Patient.telecom');
}
