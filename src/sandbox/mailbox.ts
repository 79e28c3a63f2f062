import { Router } from 'express';
import type { Mail, SendMail } from '../notifications/mail.ts';
import { escaped } from '../portal/page.ts';

const MOST_MAILS = 100;

/** The sandbox's own mailbox: mails that would have been sent, the last hundred, in memory. */
export interface Mailbox {
  readonly send: SendMail;
  /** `GET /`: the mails, newest first, as a page or as JSON. */
  readonly router: Router;
}

export function openMailbox(): Mailbox {
  const mails: Pick<Mail, 'to' | 'subject' | 'text'>[] = [];
  const router = Router();
  router.get('/', (request, response) => {
    response.set('Cache-Control', 'no-store').vary('Accept');
    if (request.accepts('html', 'json') === 'json') response.json(mails);
    else response.type('html').send(pageOf(mails));
  });
  return {
    send({ to, subject, text }) {
      mails.unshift({ to, subject, text });
      mails.length = Math.min(mails.length, MOST_MAILS);
      return Promise.resolve();
    },
    router,
  };
}

function pageOf(mails: readonly Pick<Mail, 'to' | 'subject' | 'text'>[]): string {
  const shown = mails.map(
    ({ to, subject, text }) => `<h2>${escaped(subject)}</h2>\n<p>${escaped(to)}</p>\n<pre>${escaped(text)}</pre>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Mailbox of the sandbox</title></head>
<body>
<h1>Mailbox of the sandbox</h1>
<p>${mails.length === 0 ? 'No mail yet.' : 'The newest mail first.'}</p>
${shown.join('\n')}
</body>
</html>
`;
}
