import { randomUUID } from 'node:crypto';
import type { Bundle, Organization } from '@medplum/fhirtypes';
import { verdict } from '../http/answers.ts';
import { bundle, get, post, sendBundle, statusesOf } from '../http/bundle.ts';
import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { freshBsn, freshUra } from '../http/people.ts';
import { choice } from '../http/questions.ts';
import { organization, patient } from '../http/resources.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Answer, openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';
import { freshKey, keyed, register, rest } from './keyed.ts';

const server = useTestServer();

describe('many at once with one key', () => {
  it('are a hundred that have one effect and one answer', async () => {
    const [ura, key] = [freshUra(), freshKey()];
    const answers = await Promise.all(Array.from({ length: 100 }, () => register(server(), ura, key)));
    expect(new Set(answers.map((one) => JSON.stringify(rest(one)))).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    const found = await server().fhir<Bundle>(`/Organization?identifier=${ura}&_total=accurate`, { as: 'admin' });
    expect(found.body.total).toBe(1);
    const history = await server().fhir<Bundle>(`/Organization/${answers[0]?.body.id ?? ''}/_history`, { as: 'admin' });
    expect(history.body.total).toBe(1);
  });

  it('have an effect each with a key each', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const before = (await storedRows(server()))['consent_history'] ?? 0;
    const send = (_: unknown, turn: number) =>
      server().fhir('/Consent/$choose', {
        as,
        body: choice(bsn, turn % 2 === 0 ? 'all' : 'none'),
        headers: keyed(freshKey()),
      });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await storedRows(server()))['consent_history']).toBeGreaterThan(before + 20);
  });

  it(
    'have one effect through two servers on one database, where some are told to ask again',
    async () => {
      const other = await openTestServer({ beside: server() });
      try {
        const [ura, key] = [freshUra(), freshKey()];
        const send = (at: TestServer) => register(at, ura, key);
        const insist = async (at: TestServer): Promise<Answer<Organization>> => {
          const answer = await send(at);
          if (answer.status !== 409) return answer;
          expect([verdict(answer), answer.headers.get('retry-after')]).toEqual([
            '409 idempotency-key-in-progress',
            '1',
          ]);
          return insist(at);
        };
        const answers = await Promise.all(
          Array.from({ length: 60 }, (_, index) => insist(index % 2 === 0 ? server() : other)),
        );
        expect(new Set(answers.map((one) => JSON.stringify(rest(one)))).size).toBe(1);
        expect(answers[0]?.status).toBe(201);
      } finally {
        await other.close();
      }
    },
    LIMIT_MS,
  );

  it('is told to ask again while another server is still at it', async () => {
    const [ura, key] = [freshUra(), freshKey()];
    const other = await openTestServer({ beside: server() });
    const client = await server().database.database.connect();
    try {
      await client.query('begin');
      await client.query('lock table organization in exclusive mode');
      const first = register(server(), ura, key);
      const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      while ((await server().database.database.query(waits)).rowCount === 0) await new Promise(setImmediate);
      const second = await register(other, ura, key);
      expect([verdict(second), second.headers.get('retry-after')]).toEqual(['409 idempotency-key-in-progress', '1']);
      await client.query('commit');
      expect((await first).status).toBe(201);
      expect(rest(await register(other, ura, key))).toEqual(rest(await first));
    } finally {
      client.release();
      await other.close();
    }
  });
});

describe('a batch with a key', () => {
  it('does each of its entries once, and tries again what failed', async () => {
    const [key, ura, late] = [freshKey(), freshUra(), freshUra()];
    const { body: known } = await server().fhir<Organization>('/Organization', {
      as: 'admin',
      body: organization(freshUra()),
    });
    const put = {
      resource: { ...organization(ura), ...known, name: 'Praktijk Later' },
      request: { method: 'PUT', url: `Organization/${known.id ?? ''}`, ifMatch: 'W/"1"' },
    };
    const entries = [
      post(organization(ura)),
      put,
      get(`Organization?identifier=${late}`),
      post(organization('1234')),
      post(organization(freshUra())),
    ];
    const first = await sendBundle(server(), 'admin', 'batch', entries, keyed(key));
    expect(statusesOf(first)).toEqual(['201', '200', '200', '422', '201']);
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const again = await sendBundle(server(), 'admin', 'batch', entries, keyed(key, headers));
    expect(again.body).toEqual(first.body);
    expect(await storedRows(server())).toEqual(before);
    const records = await logged(server(), id);
    expect(
      records
        .filter(({ detail }) => detail.replayed === true)
        .map(({ interaction }) => interaction)
        .sort(),
    ).toEqual(['Organization.create', 'Organization.create', 'Organization.update', 'batch']);
    const without = await sendBundle(server(), 'admin', 'batch', entries);
    expect(statusesOf(without)).toEqual(['409', '412', '200', '422', '409']);
  });

  it('is refused whole with another body', async () => {
    const key = freshKey();
    const [one, other] = [post(organization(freshUra())), post(organization(freshUra()))];
    await sendBundle(server(), 'admin', 'batch', [one], keyed(key));
    const before = await storedRows(server());
    expect(verdict(await sendBundle(server(), 'admin', 'batch', [one, other], keyed(key)))).toBe(
      '422 idempotency-key-reused',
    );
    expect(await storedRows(server())).toEqual(before);
  });

  it('leaves its entries names of their own', async () => {
    const key = randomUUID();
    const ura = freshUra();
    await sendBundle(server(), 'admin', 'batch', [post(organization(ura))], keyed(key));
    for (const name of [key, `${key} 0`, `["",${key}] 0`]) {
      expect((await register(server(), freshUra(), `"${name.replaceAll('"', '\\"')}"`)).status).toBe(201);
    }
  });
});

describe('a transaction with a key', () => {
  it('is done once as a whole, and not kept when it failed', async () => {
    const [key, bsn] = [freshKey(), freshBsn()];
    const as = `citizen:${bsn}`;
    const entries = [post(patient(bsn)), get('Consent?status=active')];
    const failing = [...entries, get('Consent/nothing')];
    expect((await sendBundle(server(), as, 'transaction', failing, keyed(key))).status).toBe(404);
    const first = await sendBundle(server(), as, 'transaction', entries, keyed(key));
    expect(statusesOf(first)).toEqual(['201', '200']);
    const { id, headers } = namedRequest();
    const again = await sendBundle(server(), as, 'transaction', entries, keyed(key, headers));
    expect(again.body).toEqual(first.body);
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    const records = await logged(server(), id);
    expect(records.map((one) => [one.interaction, one.about, one.detail.replayed])).toEqual([
      ['transaction', about, true],
    ]);
    expect(verdict(await sendBundle(server(), as, 'transaction', failing, keyed(key)))).toBe(
      '422 idempotency-key-reused',
    );
    const body = bundle('batch', entries);
    expect(verdict(await server().fhir('/', { as, body, headers: keyed(key) }))).toBe('422 idempotency-key-reused');
  });
});
