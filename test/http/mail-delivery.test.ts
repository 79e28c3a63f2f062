import { randomBytes } from 'node:crypto';
import { LIMIT_MS, openTestDatabase } from '../setup/test-database.ts';
import { newFolder, removeFolders } from '../start/data-folders.ts';
import { openTestServer, type TestServer } from '../setup/test-server.ts';
import {
  change,
  contact,
  curious,
  freshAddress,
  openSmtpServer,
  queueIsEmpty,
  reachable,
  savePatient,
  type SmtpServer,
  until,
} from './mails.ts';

/** Addresses that the SMTP servers of this file refuse. */
const refused = new Set<string>();
let smtp: SmtpServer;
let server: TestServer;

beforeAll(async () => {
  smtp = await openSmtpServer({ refused });
  server = await openTestServer({ smtpUrl: smtp.url });
}, LIMIT_MS);

afterAll(async () => {
  await server.close();
  await smtp.close();
  removeFolders();
}, LIMIT_MS);

async function query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const { rows } = await server.database.database.query<Row & Record<string, unknown>>(text, values);
  return rows;
}

const queued = (bsn: string) =>
  query<{ kind: string; attempts: number; taken: boolean }>(
    'select kind, attempts, taken_until is not null as taken from mail where patient_key = $1 order by queued_at',
    [server.server.register.vault.keyOf(bsn)],
  );

/** A second server on the same database, as long as it is used. */
async function withAnother(smtpUrl: string, use: (another: TestServer) => Promise<void>): Promise<void> {
  const another = await openTestServer({ beside: server, smtpUrl });
  await use(another).finally(() => another.close());
}

/** Waits until a mail of this citizen was tried so often, and given back. */
const tried = (bsn: string, attempts: number) =>
  until(async () => (await queued(bsn)).some((mail) => mail.attempts >= attempts && !mail.taken));

/** What was waited for comes now. */
const hurry = () => query('update mail set next_at = clock_timestamp()');

describe('an SMTP server that is down', () => {
  it(
    'gets the mail once it is up again, and one mail tells of all that happened meanwhile',
    async () => {
      const bsn = await curious(server);
      const address = await reachable(server, smtp, bsn);
      await queueIsEmpty(server);
      const before = smtp.mails.length;
      const down = smtp;
      await down.close();
      await change(server, bsn);
      await tried(bsn, 1);
      for (let turn = 0; turn < 3; turn += 1) await change(server, bsn);
      expect(await queued(bsn)).toHaveLength(1);
      smtp = await openSmtpServer({ port: Number(new URL(down.url).port), refused });
      await smtp.mailsTo(address);
      await queueIsEmpty(server);
      expect(smtp.mails).toHaveLength(1);
      expect(down.mails).toHaveLength(before);
      expect(server.logged.join('\n')).toContain('mails could not be sent and wait');
    },
    LIMIT_MS,
  );
});

describe('an address that the SMTP server refuses', () => {
  it(
    'stops no other, and gets its mail once it is taken',
    async () => {
      const [one, other] = [await curious(server), await curious(server)];
      const [first, second] = [await reachable(server, smtp, one), await reachable(server, smtp, other)];
      refused.add(first);
      await change(server, one);
      await tried(one, 1);
      await change(server, other);
      await smtp.mailsTo(second, 2);
      expect(await queued(one)).toHaveLength(1);
      refused.delete(first);
      await hurry();
      await smtp.mailsTo(first, 2);
      await queueIsEmpty(server);
    },
    LIMIT_MS,
  );

  it(
    'is tried for 72 hours, and then given up: the operator is told, without the address',
    async () => {
      const bsn = await curious(server);
      const address = await reachable(server, smtp, bsn);
      refused.add(address);
      await change(server, bsn);
      await tried(bsn, 1);
      const age = (text: string) =>
        query(`update mail set queued_at = clock_timestamp() - interval '${text}', next_at = clock_timestamp()`);
      await age('71 hours 59 minutes');
      await tried(bsn, 2);
      expect(await queued(bsn)).toHaveLength(1);
      await age('72 hours');
      await queueIsEmpty(server);
      const errors = server.logged.filter((line) => line.includes('"error"'));
      expect(errors).toEqual([expect.stringContaining('given up after 72 hours')]);
      expect(server.logged.join('\n')).toContain('EENVELOPE 550');
      expect(server.logged.join('\n')).not.toContain('@');
      expect(smtp.mails.filter(({ to }) => to.includes(address))).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    'is tried less and less often',
    async () => {
      const bsn = await curious(server);
      const address = freshAddress();
      refused.add(address);
      await savePatient(server, bsn, contact(address));
      const pauses: number[] = [];
      for (const attempts of [1, 2, 5, 20]) {
        await query('update mail set attempts = $1, next_at = clock_timestamp()', [attempts - 1]);
        await tried(bsn, attempts);
        const [row] = await query<{ pause: number }>(
          'select extract(epoch from next_at - clock_timestamp())::float8 as pause from mail',
        );
        pauses.push(row?.pause ?? 0);
      }
      const expected = [2, 4, 32, 3600];
      expect(pauses.map((pause, at) => pause > 0 && pause <= (expected[at] ?? 0))).toEqual([true, true, true, true]);
      expect(pauses[3]).toBeGreaterThan(3500);
      refused.delete(address);
      await hurry();
      await smtp.mailsTo(address);
    },
    LIMIT_MS,
  );
});

describe('a mail that is in the queue when the server ends', () => {
  it(
    'is sent by the next one',
    async () => {
      const home = { database: await openTestDatabase(), dataDir: newFolder() };
      const first = await openSmtpServer();
      const ending = await openTestServer({ beside: home, smtpUrl: first.url });
      const bsn = await curious(ending);
      const address = await reachable(ending, first, bsn);
      await queueIsEmpty(ending);
      await first.close();
      await change(ending, bsn);
      await ending.close();
      expect((await home.database.database.query('select from mail')).rowCount).toBe(1);
      const second = await openSmtpServer();
      const next = await openTestServer({ beside: home, smtpUrl: second.url });
      const [mail] = await second.mailsTo(address);
      expect(mail?.headers['subject']).toBe('Er is iets nieuws in uw overzicht');
      await queueIsEmpty(next);
      await next.close();
      await second.close();
      await home.database.close();
    },
    LIMIT_MS,
  );

  it(
    'is sent again when the server died while it was sending it',
    async () => {
      const bsn = await curious(server);
      const address = await reachable(server, smtp, bsn);
      refused.add(address);
      await change(server, bsn);
      await tried(bsn, 1);
      // As it stands when a server took it and died; another passes it over until the lease is over.
      await query(`update mail set taken_until = clock_timestamp() + interval '1 hour', next_at = clock_timestamp()`);
      refused.delete(address);
      const other = await curious(server);
      const another = await reachable(server, smtp, other);
      await change(server, other);
      await smtp.mailsTo(another, 2);
      expect(await queued(bsn)).toEqual([{ kind: 'news', attempts: 1, taken: true }]);
      await query('update mail set taken_until = clock_timestamp()');
      expect(await smtp.mailsTo(address, 2)).toHaveLength(2);
      await queueIsEmpty(server);
    },
    LIMIT_MS,
  );

  it(
    'tells of what happens while it is being sent in another mail',
    async () => {
      const bsn = await curious(server);
      const address = await reachable(server, smtp, bsn);
      refused.add(address);
      await change(server, bsn);
      await tried(bsn, 1);
      await query(`update mail set taken_until = clock_timestamp() + interval '1 hour'`);
      await change(server, bsn);
      await until(async () => (await queued(bsn)).filter(({ attempts, taken }) => attempts > 0 && !taken).length === 1);
      expect(await queued(bsn)).toHaveLength(2);
      refused.delete(address);
      await query('update mail set taken_until = null, next_at = clock_timestamp()');
      expect(await smtp.mailsTo(address, 3)).toHaveLength(3);
      await queueIsEmpty(server);
    },
    LIMIT_MS,
  );
});

describe('two servers beside each other', () => {
  it(
    'send each mail once',
    async () => {
      const addresses = Array.from({ length: 30 }, freshAddress);
      await withAnother(smtp.url, async (another) => {
        const both = [server, another];
        await Promise.all(
          addresses.map(async (address, at) => {
            const one = both[at % 2] ?? server;
            await savePatient(one, await curious(one), contact(address));
          }),
        );
        for (const address of addresses) await smtp.mailsTo(address);
        await queueIsEmpty(server);
      });
      const counts = addresses.map((address) => smtp.mails.filter(({ to }) => to.includes(address)).length);
      expect(counts).toEqual(Array<number>(30).fill(1));
      const ids = smtp.mails.map(({ headers }) => headers['message-id']);
      expect(new Set(ids).size).toBe(ids.length);
    },
    LIMIT_MS,
  );
});

it('a mail that cannot be opened stops no other', async () => {
  const bsn = await curious(server);
  const address = freshAddress();
  const spoilt = randomBytes(60).toString('base64url');
  await query(
    `insert into mail (id, kind, language, address, queued_at, next_at)
    values (gen_random_uuid(), 'account-deleted', 'nl', $1, clock_timestamp(), clock_timestamp())`,
    [spoilt],
  );
  await savePatient(server, bsn, contact(address));
  expect(await smtp.mailsTo(address)).toHaveLength(1);
  await until(async () => (await query('select from mail where attempts > 0 and taken_until is null')).length === 1);
  await query('delete from mail');
});
