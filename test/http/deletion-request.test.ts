import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer } from '../setup/test-server.ts';
import { elementsOf, verdict } from './answers.ts';
import { bundle, operation, post } from './bundle.ts';
import { deleteAccount } from './citizens.ts';
import { choose, decided } from './family.ts';
import { storedRows } from './ledger.ts';
import { contact, openSmtpServer, queueIsEmpty, savePatient, type SmtpServer } from './mails.ts';
import { freshBsn } from './people.ts';
import { choice, parameters } from './questions.ts';
import { consent } from './resources.ts';

let smtp: SmtpServer;
let server: TestServer;

beforeAll(async () => {
  smtp = await openSmtpServer();
  server = await openTestServer({ smtpUrl: smtp.url });
}, LIMIT_MS);

afterAll(async () => {
  await server.close();
  await smtp.close();
}, LIMIT_MS);

const chooseAll = (bsn: string) => choose(server, bsn, 'all');

async function deleted(bsn: string, email?: string): Promise<void> {
  expect((await deleteAccount(server, bsn, email)).status).toBe(200);
}

describe('the request to delete an account', () => {
  it('may come again, and when there is nothing; then nothing is mailed', async () => {
    const bsn = freshBsn();
    await deleted(bsn, 'never.there@example.org');
    await chooseAll(bsn);
    await deleted(bsn, 'there.once@example.org');
    await deleted(bsn, 'there.twice@example.org');
    expect(await smtp.mailsTo('there.once@example.org')).toHaveLength(1);
    await queueIsEmpty(server);
    for (const address of ['never.there@example.org', 'there.twice@example.org']) {
      expect(smtp.mails.filter(({ to }) => to.includes(address))).toEqual([]);
    }
  });

  it('is confirmed in the language of the citizen, without substance, and without address not at all', async () => {
    for (const language of ['nl', 'en']) {
      const bsn = freshBsn();
      const address = `gone.${language}@example.org`;
      await savePatient(server, bsn, {
        ...contact(`other.${language}@example.org`, language),
        name: [{ family: 'Kwikstaart' }],
      });
      await chooseAll(bsn);
      await deleted(bsn, address);
      const [mail] = await smtp.mailsTo(address);
      expect(mail?.text).toContain(language === 'nl' ? 'verwijderd' : 'deleted');
      for (const secret of [bsn, 'Kwikstaart', 'consent', 'HA']) expect(mail?.raw).not.toContain(secret);
    }
    const mails = smtp.mails.length;
    const bsn = freshBsn();
    await chooseAll(bsn);
    await deleted(bsn);
    await queueIsEmpty(server);
    expect(smtp.mails).toHaveLength(mails);
  });

  it.each([
    ['nobody', '422 email-invalid'],
    ['a@b', '422 email-invalid'],
    ['a b@example.org', '422 email-invalid'],
    ['a@example.org\r\nBcc: b@example.org', '422 email-invalid'],
    ['Anna <a@example.org>', '422 email-invalid'],
    ['a@example.org,b@example.org', '422 email-invalid'],
    [`${'a'.repeat(250)}@example.org`, '422 email-invalid'],
    ['', '400 value-malformed'],
  ])('is refused with %j for an address, and nothing is deleted', async (email, expected) => {
    const bsn = freshBsn();
    await chooseAll(bsn);
    const answer = await deleteAccount(server, bsn, email);
    expect(verdict(answer)).toBe(expected);
    expect(elementsOf(answer)[0]).toMatch(/^Parameters\.parameter\[0\]/);
    if (email !== '') expect(JSON.stringify(answer.body)).not.toContain(email);
    expect(await decided(server, bsn)).toBe('permit consent-given');
  });

  it('stands and falls with the transaction it is in', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    await chooseAll(bsn);
    const before = await storedRows(server);
    const entries = [operation('Patient/$delete-account', parameters([])), post(consent(freshBsn()))];
    const answer = await server.fhir('/', { as, body: bundle('transaction', entries) });
    expect(verdict(answer)).toBe('403 not-own-record');
    expect(await storedRows(server)).toEqual(before);
    const alone = await server.fhir('/', { as, body: bundle('transaction', entries.slice(0, 1)) });
    expect(alone.status).toBe(200);
    expect(await decided(server, bsn)).toBe('deny no-consent');
  });

  it('takes its turn among choices that are made at the same time', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const acts = Array.from({ length: 24 }, (_, at) =>
      at % 4 === 3
        ? deleteAccount(server, bsn)
        : server.fhir('/Consent/$choose', { as, body: choice(bsn, at % 4 === 0 ? 'none' : 'all') }),
    );
    expect((await Promise.all(acts)).map(({ status }) => status)).toEqual(acts.map(() => 200));
    await deleted(bsn);
    expect(await decided(server, bsn)).toBe('deny no-consent');
    await chooseAll(bsn);
    expect(await decided(server, bsn)).toBe('permit consent-given');
  });
});
