import type { Log } from '../log.ts';
import type { Database } from '../storage/database.ts';
import { deleteTakenMail, putBackMail, takeMails, type TakenMail } from '../storage/mail.ts';
import { ADDRESS_PURPOSE, CODE_PURPOSE, type SendMail, type TextVault } from './mail.ts';
import { confirmationText, deletionText, type MailText, newsText } from './mail-text.ts';
import { Repeated } from './repeat.ts';

/** Mails that are under way at once. */
const BATCH = 10;
/** Between two looks at an empty queue, in milliseconds. */
const REST = 1_000;
/** For how long a mail is ours: longer than any attempt takes, so that another takes it only when we are gone. */
const LEASE = 120_000;
/** How long a mail is tried: 72 hours. */
const LIFE = 259_200_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 3_600_000;

/** What delivering needs. */
export interface MailDelivery {
  readonly database: Database;
  readonly vault: TextVault;
  readonly send: SendMail;
  /** Where citizens look. */
  readonly baseUrl: string;
  readonly log: Log;
}

/**
 * Sends what is in the queue, at least once each, from its start until it is stopped: a mail leaves the queue when it was accepted. Several
 * servers may do so side by side.
 */
export function deliverMails(delivery: MailDelivery): Repeated {
  return new Repeated(async () => {
    try {
      return { more: await deliverSome(delivery) };
    } catch {
      delivery.log.warn('mails wait: the queue cannot be reached', {});
      return { more: false };
    }
  }, REST);
}

/** @returns whether there may be more */
async function deliverSome(delivery: MailDelivery): Promise<boolean> {
  const taken = await takeMails(delivery.database, BATCH, { lease: LEASE, life: LIFE });
  const failures = (await Promise.all(taken.map((mail) => deliver(delivery, mail)))).flatMap(
    (failure) => failure ?? [],
  );
  if (failures.length > 0) {
    delivery.log.warn('mails could not be sent and wait', { count: failures.length, reasons: [...new Set(failures)] });
  }
  return taken.length === BATCH;
}

/** @returns why it was not sent; nothing when it was, or when there is nobody any more to send it to */
async function deliver(delivery: MailDelivery, taken: TakenMail): Promise<string | undefined> {
  const { database, vault, send } = delivery;
  try {
    if (taken.address !== undefined) {
      const to = vault.openText(ADDRESS_PURPOSE, taken.address);
      await send({ id: taken.id, to, ...textOf(delivery, taken) });
    }
  } catch (error) {
    await fail(delivery, taken);
    return reasonOf(error);
  }
  await deleteTakenMail(database, taken);
  return undefined;
}

async function fail({ database, log }: MailDelivery, taken: TakenMail): Promise<void> {
  if (!taken.isLast) {
    await putBackMail(database, taken, Math.min(FIRST_PAUSE * 2 ** (taken.attempts - 1), LONGEST_PAUSE));
    return;
  }
  log.error('a mail was given up after 72 hours', { attempts: taken.attempts });
  await deleteTakenMail(database, taken);
}

function textOf({ vault, baseUrl }: MailDelivery, { kind, language, code = '' }: TakenMail): MailText {
  switch (kind) {
    case 'news':
      return newsText(language, baseUrl);
    case 'confirm-address':
      return confirmationText(language, baseUrl, vault.openText(CODE_PURPOSE, code));
    case 'account-deleted':
      return deletionText(language);
  }
}

/** A word for the log. What an SMTP server answers may hold the address, so only codes are told. */
function reasonOf(error: unknown): string {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const word = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : 'unknown';
  return typeof responseCode === 'number' ? `${word} ${responseCode}` : word;
}
