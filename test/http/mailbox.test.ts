import express from 'express';
import supertest from 'supertest';
import { openMailbox } from '../../src/sandbox/mailbox.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, useTestServer } from '../setup/test-server.ts';
import { change, confirmationIn, contact, curious, savePatient, sendCode, until } from './mails.ts';

const server = useTestServer();

interface Kept {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

async function mailbox(): Promise<readonly Kept[]> {
  const { body } = await server().ask<Kept[]>('/sandbox/mailbox', { headers: { Accept: 'application/json' } });
  return body;
}

const page = () => server().ask<string>('/sandbox/mailbox', { headers: { Accept: 'text/html' } });

describe('the mailbox of the sandbox', () => {
  it(
    'holds what would have been sent, newest first, and with it an address is confirmed',
    async () => {
      expect((await page()).body).toContain('No mail yet.');
      const bsn = await curious(server());
      const address = "o'neill&co@example.org";
      await savePatient(server(), bsn, contact(address, 'en'));
      await until(async () => (await mailbox()).length === 1);
      const [asked] = await mailbox();
      expect(asked).toMatchObject({ to: address, subject: 'Confirm your e-mail address' });
      expect((await sendCode(server(), confirmationIn(asked).code)).status).toBe(200);
      await change(server(), bsn);
      await until(async () => (await mailbox()).length === 2);
      const subjects = (await mailbox()).map(({ subject }) => subject);
      expect(subjects).toEqual(['There is something new in your overview', 'Confirm your e-mail address']);
    },
    LIMIT_MS,
  );

  it('can be read as a page that holds no more than text', async () => {
    const { status, headers, body } = await page();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toContain('<p>o&#39;neill&#38;co@example.org</p>');
    expect(body.indexOf('something new')).toBeLessThan(body.indexOf('Confirm your'));
  });

  it('keeps the last hundred, whatever is in them', async () => {
    const { send, router } = openMailbox();
    const app = express().use(router);
    for (let turn = 1; turn <= 102; turn += 1) {
      await send({
        id: String(turn),
        to: '<a@example.org>',
        subject: `${turn} <b>`,
        text: '</pre><script>"x"</script>',
      });
    }
    const { body } = (await supertest(app).get('/').set('Accept', 'application/json')) as { body: Kept[] };
    expect([body.length, body[0]?.subject, body.at(-1)?.subject]).toEqual([100, '102 <b>', '3 <b>']);
    const { text } = await supertest(app).get('/').set('Accept', 'text/html');
    expect(text).not.toMatch(/<script|<b>|<a@/);
    expect(text).toContain('<pre>&#60;/pre&#62;&#60;script&#62;&#34;x&#34;');
  });

  it('is not there when mails are sent', async () => {
    const sending = await openTestServer({ smtpUrl: 'smtp://127.0.0.1:9' });
    expect((await sending.ask('/sandbox/mailbox')).status).toBe(404);
    await sending.close();
  });
});
