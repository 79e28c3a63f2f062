import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, useTestServer } from '../setup/test-server.ts';
import { lockTable } from './lock-table.ts';
import { contact, freshAddress, savePatient, until } from './mails.ts';
import { freshBsn, KARIM } from './people.ts';
import { batchOf, question, questionOf } from './questions.ts';
import { changes, scrape } from './scrape.ts';

const server = useTestServer();
const check = (body: unknown) => server().fhir('/Consent/$check', { as: 'gp', body });
const decided = (decision: string, reason: string) =>
  `akkoord_decisions_total{decision="${decision}",reason="${reason}"}`;

describe('the metrics count', () => {
  it('each decision by what it is and why, and nothing that was not decided', async () => {
    const stranger = freshBsn();
    const by = await changes(server(), async () => {
      await check(question(KARIM));
      await check(batchOf([questionOf(KARIM), questionOf(stranger), questionOf('nobody')]));
      await check(batchOf(Array.from({ length: 20 }, () => questionOf(KARIM))));
      await check(question('nobody'));
      await server().fhir('/Consent/$check', { body: question(KARIM) });
    });
    expect([by(decided('permit', 'consent-given')), by(decided('deny', 'no-consent'))]).toEqual([22, 1]);
    const all = [...(await scrape(server())).keys()].filter((series) => series.startsWith('akkoord_decisions_total'));
    expect(all.filter((series) => !/\{decision="(permit|deny)",reason="[a-z-]+"\}$/.test(series))).toEqual([]);
  });

  it('requests by method, row of the route table and status', async () => {
    const by = await changes(server(), async () => {
      await check(question(KARIM));
      await server().fhir('/Consent/$check', { body: question(KARIM) });
    });
    const requests = (status: number) =>
      by(`akkoord_request_duration_seconds_count{method="POST",target="Consent.check",status="${status}"}`);
    expect([requests(200), requests(401), requests(503)]).toEqual([1, 1, 0]);
  });

  it.each([
    { work: 'find-clients', table: 'client' },
    { work: 'judge', table: 'consent' },
  ])('how many calls share what is done at the database, and how many wait for it: $work', async ({ work, table }) => {
    const waiting = async () => (await scrape(server())).get(`akkoord_calls_waiting{work="${work}"}`);
    const by = await changes(server(), async () => {
      const unlock = await lockTable(server(), table);
      const checks = Array.from({ length: 30 }, () => check(question(KARIM)));
      await until(async () => ((await waiting()) ?? 0) > 0);
      await unlock();
      await Promise.all(checks);
    });
    const together = (what: string) => by(`akkoord_calls_together_${what}{work="${work}"}`);
    expect([together('sum'), await waiting()]).toEqual([30, 0]);
    expect(together('count')).toBeLessThan(30);
  });

  it('refused records that share what is done at the database', async () => {
    const by = await changes(server(), () => server().fhir('/AuditEvent', { as: 'gp' }));
    expect(by('akkoord_calls_together_sum{work="append"}')).toBe(1);
  });
});

describe('the metrics show', () => {
  it('the event loop, memory and processor', async () => {
    const shown = await scrape(server());
    for (const series of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ]) {
      expect(shown.get(series)).toBeGreaterThan(0);
    }
  });

  it('connections to the database that work, are idle, and are waited for', async () => {
    const { database } = server().server.register;
    const state = (name: string) => `akkoord_database_connections{state="${name}"}`;
    const held = await Promise.all(Array.from({ length: 24 }, () => database.connect()));
    const next = database.connect();
    const busy = await scrape(server());
    expect([busy.get(state('working')), busy.get(state('idle'))]).toEqual([24, 0]);
    expect(busy.get(state('waiting'))).toBeGreaterThanOrEqual(1);
    for (const client of held) client.release();
    (await next).release();
    await until(async () => (await scrape(server())).get(state('waiting')) === 0);
  });
});

const outbox = (kind: string) => [
  `akkoord_outbox_waiting{kind="${kind}"}`,
  `akkoord_outbox_oldest_seconds{kind="${kind}"}`,
];

describe('the metrics of what waits to leave', () => {
  it('say that nothing does any more, once all has been delivered', async () => {
    const all = [...outbox('mails'), ...outbox('notifications')];
    await until(async () => {
      const shown = await scrape(server());
      return all.every((series) => shown.get(series) === 0);
    });
  });

  it.each<{ how: string; hinder: () => Promise<() => Promise<unknown>> }>([
    {
      how: 'has no connection left',
      async hinder() {
        const { database } = server().server.register;
        const held = await Promise.all(Array.from({ length: 24 }, () => database.connect()));
        return () => Promise.resolve(held.map((client) => client.release()));
      },
    },
    {
      how: 'does not come to it',
      hinder: () => lockTable(server(), 'notification'),
    },
    {
      how: 'knows nothing of it',
      async hinder() {
        const { database } = server().database;
        await database.query('alter table mail rename to lost');
        return () => database.query('alter table lost rename to mail');
      },
    },
  ])('are not there while the database $how, and the others are', async ({ hinder }) => {
    const restore = await hinder();
    const shown = await scrape(server());
    await restore();
    const said = [...shown.keys()];
    expect(said.filter((series) => series.startsWith('akkoord_outbox'))).toEqual([]);
    expect(said).toContain('akkoord_database_connections{state="waiting"}');
    await until(async () => (await scrape(server())).get('akkoord_outbox_waiting{kind="mails"}') === 0);
  });

  // The last: the metrics of a process are those of its latest server.
  it(
    'say how many mails do, and for how long',
    async () => {
      const mute = await openTestServer({ smtpUrl: 'smtp://127.0.0.1:1' });
      for (const bsn of [freshBsn(), freshBsn()]) await savePatient(mute, bsn, contact(freshAddress()));
      const [count = '', oldest = ''] = outbox('mails');
      const first = await scrape(mute);
      expect(first.get(count)).toBe(2);
      expect(first.get(oldest)).toBeGreaterThan(0);
      expect((await scrape(mute)).get(oldest)).toBeGreaterThan(first.get(oldest) ?? 0);
      await mute.close();
    },
    LIMIT_MS,
  );
});
