import { bundle, post, sendBundle } from '../http/bundle.ts';
import { verdict } from '../http/answers.ts';
import { storedRows } from '../http/ledger.ts';
import { freshUra } from '../http/people.ts';
import { organization } from '../http/resources.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

const ENTRIES = 500;
/** Where the failing entry stands; all of them when asked for, which takes minutes. */
const PLACES =
  process.env['EVERY_PLACE'] === 'true'
    ? Array.from({ length: ENTRIES }, (_, at) => at)
    : [0, 1, 2, 99, 249, 250, 421, 498, 499];

const registering = (failing?: number) =>
  Array.from({ length: ENTRIES }, (_, at) => post(organization(at === failing ? '1234' : freshUra())));

describe('a transaction of 500 entries', () => {
  it.each(PLACES)(
    'leaves nothing when entry %d fails',
    async (failing) => {
      const before = await storedRows(server());
      const answer = await sendBundle(server(), 'admin', 'transaction', registering(failing));
      expect(answer.status).toBe(422);
      expect(await storedRows(server())).toEqual(before);
    },
    LIMIT_MS,
  );

  it(
    'records all of them when none fails',
    async () => {
      const before = (await storedRows(server()))['organization'] ?? 0;
      const answer = await sendBundle(server(), 'admin', 'transaction', registering());
      expect([answer.status, answer.body.entry?.length]).toEqual([200, ENTRIES]);
      expect((await storedRows(server()))['organization']).toBe(before + ENTRIES);
    },
    LIMIT_MS,
  );
});

describe('a transaction', () => {
  it.each([501, 10_000])('of %d entries is too large', async (count) => {
    const before = await storedRows(server());
    const entries = Array.from({ length: count }, () => ({ request: { method: 'GET', url: 'Organization/x' } }));
    const answer = await server().fhir('/', { as: 'admin', body: bundle('transaction', entries) });
    expect(verdict(answer)).toBe('413 bundle-too-long');
    expect(await storedRows(server())).toEqual(before);
  });
});
