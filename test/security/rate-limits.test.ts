import { Caller } from '../faults/caller.ts';
import { verdict } from '../http/answers.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { lockTable } from '../http/lock-table.ts';
import { until } from '../http/mails.ts';
import { GP, KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { openTestServer, type TestServer, type TestServerOptions, useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

/** A server beside the first one, on its database, that allows what is given. */
async function withDoor(
  { trustedProxies = [], ...door }: NonNullable<TestServerOptions['door']> & Pick<TestServerOptions, 'trustedProxies'>,
  work: (strict: TestServer) => Promise<void>,
) {
  const strict = await openTestServer({ beside: server(), door, trustedProxies });
  try {
    await work(strict);
  } finally {
    await strict.close();
  }
}

const search = (strict: TestServer, as?: string, headers: Readonly<Record<string, string>> = {}) =>
  strict.fhir(`/Organization?identifier=${GP}`, { ...(as === undefined ? {} : { as }), headers });

/** The verdicts of so many requests, one after the other. */
async function verdicts(count: number, ask: () => ReturnType<typeof search>): Promise<string[]> {
  const found: string[] = [];
  for (let round = 0; round < count; round += 1) found.push(verdict(await ask()));
  return found;
}

describe('a client or citizen that asks too often', () => {
  it('is told when to come back, each time in the log; others are not', async () => {
    await withDoor({ rates: { client: 3 } }, async (strict) => {
      expect(await verdicts(3, () => search(strict, 'gp'))).toEqual(['200', '200', '200']);
      const { id, headers } = namedRequest();
      const refused = await search(strict, 'gp', headers);
      expect(verdict(refused)).toBe('429 too-many-requests');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(refused.headers.get('ratelimit-policy')).toBe('"caller";q=3;w=60');
      expect(refused.headers.get('ratelimit')).toMatch(/^"caller";r=0;t=\d+$/);
      const [record, ...more] = await logged(server(), id);
      expect([record?.client, record?.interaction, record?.outcome, record?.detail.problem, more]).toEqual([
        'gp',
        'Organization.search',
        '4',
        'too-many-requests',
        [],
      ]);
      expect(verdict(await strict.fhir('/Consent/$check', { as: 'gp', body: question(KARIM) }))).toMatch(/^429/);
      expect(verdict(await search(strict, 'hospital'))).toBe('200');
      expect(verdict(await search(strict, `citizen:${KARIM}`))).toBe('200');
    });
  });

  it.each([
    [{ citizen: 2 }, `citizen:${KARIM}`, 'gp'],
    [{ client: 2 }, 'gp', `citizen:${KARIM}`],
  ])('has its own limit, citizen or client: %j stops %s, and not %s', async (rates, stopped, others) => {
    await withDoor({ rates }, async (strict) => {
      expect(await verdicts(3, () => search(strict, stopped))).toEqual(['200', '200', '429 too-many-requests']);
      expect(new Set(await verdicts(5, () => search(strict, others)))).toEqual(new Set(['200']));
    });
  });

  it('is told nothing of it while it may, so that two answers do not differ by it', async () => {
    const { headers } = await search(server(), 'gp');
    expect([...headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
  });

  it('loses none of the refusals that come at once', async () => {
    await withDoor({ rates: { client: 1 } }, async (strict) => {
      const named = Array.from({ length: 200 }, () => namedRequest());
      const answers = await Promise.all(named.map(({ headers }) => search(strict, 'pharmacy', headers)));
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(199);
      const records = await Promise.all(named.map(({ id }) => logged(server(), id)));
      expect(records.filter((found) => found.length !== 1)).toEqual([]);
    });
  });
});

/** As a proxy says where a request came from: what the sandbox tells itself comes from somewhere else. */
const from = (address: string) => ({ 'X-Forwarded-For': address });
const BEHIND_PROXY = { trustedProxies: ['127.0.0.0/8'] };

describe('an address from which too much comes of nobody we know', () => {
  it('is not listened to; a citizen or client that is known does not count for it', async () => {
    const headers = from('192.0.2.1');
    await withDoor({ ...BEHIND_PROXY, rates: { address: 5 } }, async (strict) => {
      expect(new Set(await verdicts(20, () => search(strict, 'gp', headers)))).toEqual(new Set(['200']));
      const unknown = () => search(strict, undefined, headers);
      expect(await verdicts(5, unknown)).toEqual(Array(5).fill('401 token-missing'));
      const refused = await unknown();
      expect([verdict(refused), refused.headers.get('ratelimit-policy')]).toEqual([
        '429 too-many-requests',
        '"address";q=5;w=60',
      ]);
      expect(verdict(await search(strict, 'gp', headers))).toBe('429 too-many-requests');
      expect((await strict.ask('/email/confirm', { headers })).status).toBe(429);
      const token = await strict.ask('/oauth/token', { headers, body: 'grant_type=client_credentials' });
      expect([token.status, token.body]).toEqual([429, expect.objectContaining({ error: 'temporarily_unavailable' })]);
      for (const path of ['/health/live', '/metrics']) expect((await strict.ask(path, { headers })).status).toBe(200);
    });
  });

  it('leaves one record of all that was refused, with their number', async () => {
    const { id, headers } = namedRequest();
    const there = from('192.0.2.1');
    await withDoor({ ...BEHIND_PROXY, rates: { address: 50 } }, async (strict) => {
      await verdicts(50, () => search(strict, undefined, there));
      expect(new Set(await verdicts(50, () => search(strict, undefined, { ...headers, ...there })))).toEqual(
        new Set(['429 too-many-requests']),
      );
      expect(await logged(server(), id)).toEqual([]);
    });
    const records = await logged(server(), id);
    expect(records.map(({ interaction, outcome, detail }) => [interaction, outcome, detail])).toEqual([
      ['unknown', '4', { request: id, problem: 'too-many-requests', count: 50 }],
    ]);
    const shown = await server().fhir(`/AuditEvent/${records[0]?.id ?? ''}`, { as: 'auditor' });
    expect(JSON.stringify(shown.body)).toContain('{"type":"count","valueString":"50"}');
  });

  it('is the one that a proxy which is trusted says', async () => {
    await withDoor({ ...BEHIND_PROXY, rates: { address: 1 } }, async (strict) => {
      expect(verdict(await search(strict, undefined, from('192.0.2.1')))).toMatch(/^401/);
      expect(verdict(await search(strict, undefined, from('192.0.2.1')))).toMatch(/^429/);
      expect(verdict(await search(strict, undefined, from('192.0.2.2')))).toMatch(/^401/);
      // What somebody says in front of the proxy is not the proxy's word.
      expect(verdict(await search(strict, undefined, from(`198.51.100.${randomByte()}, 192.0.2.2`)))).toMatch(/^429/);
    });
  });

  it('is the one that the connection comes from, whatever anybody else says', async () => {
    await withDoor({ rates: { address: 50 } }, async (strict) => {
      let host = 0;
      const elsewhere = () => search(strict, undefined, from(`192.0.2.${(host += 1)}`));
      const found = await verdicts(60, elsewhere);
      expect([found[0], found.at(-1)]).toEqual(['401 token-missing', '429 too-many-requests']);
    });
  });
});

describe('questions, when too many are in hand', () => {
  const places = { urgent: 13, emergency: 12, prompt: 8, ordinary: 7, bulk: 2 };
  const OTHER_SPELLINGS = ['/Consent/$check/', '/Consent/$check?_format=json'];
  /** As every other answer is told, and when to come again. */
  const TOLD = { 'retry-after': '2', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

  it('are refused at once, with one record of all of them; those in hand are answered, and then there is room', async () => {
    const { id, headers } = namedRequest();
    await withDoor({ work: { places, waiting: 2 } }, async (strict) => {
      const ask = (more = {}) => strict.fhir('/Consent/$check', { as: 'gp', body: question(KARIM), headers: more });
      await ask();
      const unlock = await lockTable(server(), 'audit_event');
      const inHand = Array.from({ length: 13 }, () => ask());
      await until(async () => (await inLane(strict, 'urgent')) === 13);
      const elsewhere = (path: string) => strict.fhir(path, { as: 'gp', body: question(KARIM), headers });
      const refused = await Promise.all([ask(headers), ...OTHER_SPELLINGS.map(elsewhere)]);
      expect(refused.map(verdict)).toEqual(['503 too-busy', '503 too-busy', '503 too-busy']);
      for (const one of refused) expect(Object.fromEntries(one.headers)).toMatchObject(TOLD);
      await unlock();
      expect(new Set((await Promise.all(inHand)).map(verdict))).toEqual(new Set(['200']));
      expect(verdict(await ask())).toBe('200');
    });
    expect((await logged(server(), id)).map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['8', { request: id, problem: 'too-busy', count: 3 }],
    ]);
  });

  it('are not read again over the same connection before the time they are told', async () => {
    await withDoor({ work: { places, waiting: 2 } }, async (strict) => {
      const unlock = await lockTable(server(), 'audit_event');
      const inHand = Array.from({ length: 13 }, () =>
        strict.fhir('/Consent/$check', { as: 'gp', body: question(KARIM) }),
      );
      await until(async () => (await inLane(strict, 'urgent')) === 13);
      const caller = new Caller(strict.baseUrl);
      const asked = { token: 'none', body: question(KARIM) };
      const first = await caller.call('/fhir/Consent/$check', asked);
      // Its connection is free a turn later.
      await new Promise(setImmediate);
      const second = await caller.call('/fhir/Consent/$check', asked);
      caller.close();
      await unlock();
      await Promise.all(inHand);
      expect([first.status, second.status]).toEqual([503, 503]);
      // What is measured begins before the rest does, and the rest is two seconds.
      expect(second.took).toBeGreaterThan(1_500);
    });
  });
});

/** How many requests are at work or wait in a lane. */
async function inLane(strict: TestServer, lane: string): Promise<number> {
  const { body } = await strict.ask<string>('/metrics');
  const found = body.matchAll(new RegExp(`^akkoord_requests_in_lane\\{lane="${lane}",state="\\w+"\\} (\\d+)$`, 'gm'));
  return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
}

function randomByte(): number {
  return Math.floor(Math.random() * 250) + 1;
}
