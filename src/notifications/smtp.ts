import { createTransport } from 'nodemailer';
import { isOwnMachine } from '../clear-text.ts';
import type { SendMail } from './mail.ts';

/** The SMTP server that takes our mails. */
export interface SmtpSettings {
  /** `smtps://`, or `smtp://` with STARTTLS, which may be left out on this machine or with `?requireTLS=false`. Secret. */
  readonly url: string;
  /** Who mails are from. */
  readonly from: string;
}

/** Milliseconds. Together well below the lease of a mail. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, dnsTimeout: 10_000, socketTimeout: 15_000 };

/** Sends through an SMTP server, each mail over a connection of its own. */
export function smtpSender({ url, from }: SmtpSettings): SendMail {
  // What we are called in the greeting and in Message-IDs.
  const host = from.slice(from.lastIndexOf('@') + 1).replace('>', '');
  const requireTLS = !isOwnMachine(new URL(url).hostname);
  // What the URL says goes before.
  const transport = createTransport({ url, name: host, requireTLS, ...TIMEOUTS });
  return async ({ id, to, subject, text }) => {
    await transport.sendMail({
      from,
      to: { name: '', address: to },
      subject,
      text,
      messageId: `<${id}@${host}>`,
      // https://www.rfc-editor.org/rfc/rfc3834#section-5
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };
}
