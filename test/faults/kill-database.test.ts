import { waitUntil } from '../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { figures } from './figures.ts';
import { KILLS, WRITES_EACH } from './lengths.ts';
import { Load } from './load.ts';
import { startKiller } from './start-killer.ts';
import { useOwn } from './use-own.ts';

const own = useOwn();
const killer = startKiller();
afterAll(() => killer.end());

/** @returns milliseconds until the server, which nobody touches, answers as before */
async function answersAgain(load: Load): Promise<number> {
  const start = performance.now();
  if (await waitUntil(async () => (await load.once()) === 200, LIMIT_MS)) return performance.now() - start;
  throw new Error('the server does not find its database again');
}

/** Kills the database at some moment after enough was acknowledged. */
async function killUnder(load: Load): Promise<void> {
  const failing = load.untilItFails();
  await load.untilMore(WRITES_EACH);
  await killer.kill({ cluster: own().postgres.cluster });
  await failing;
}

describe('a server whose database is killed under load', () => {
  it(
    'says so meanwhile, lives on, and answers again by itself; all that was acknowledged is there, once',
    async () => {
      const { postgres, server } = own();
      const load = await Load.on(server);
      const recoveries: number[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await killUnder(load);
        const said = [await load.once(), await server.readiness()];
        await server.assertLives();
        expect(said).toEqual([503, 503]);
        await postgres.start();
        recoveries.push(await answersAgain(load));
      }
      expect(await load.faults(postgres)).toEqual([]);
      await server.assertLives();
      expect(load.unknown).toBeGreaterThanOrEqual(KILLS);
      figures('PostgreSQL killed', KILLS, load, { 'answers again after': recoveries });
    },
    LIMIT_MS * (1 + KILLS),
  );
});

describe('the check of what was acknowledged finds', () => {
  const COPY = `insert into audit_event select * from audit_event where id = $1`;

  it('a decision with two records', async () => {
    const load = await Load.on(own().server);
    expect(await load.once()).toBe(200);
    await own().postgres.query(COPY, load.decisions.acknowledged.slice(0, 1));
    expect(await load.decisions.faults(own().postgres)).toContain('1 decisions have more than one record');
  });

  it(
    'what is lost when the database acknowledges before it has written',
    async () => {
      const { postgres, server } = own();
      await postgres.stop();
      postgres.settings = { wal_writer_delay: '10s', wal_writer_flush_after: '1GB' };
      await postgres.start();
      // Only now, because a server refuses to start on such a database.
      await postgres.query('alter role akkoord_application set synchronous_commit = off');
      const load = await Load.on(server);
      await answersAgain(load);
      await killUnder(load);
      await postgres.start();
      const faults = await load.decisions.faults(postgres);
      process.stdout.write(`synchronous_commit=off: ${faults.join(', ')} of ${load.decisions.acknowledged.length}\n`);
      expect(faults).toContainEqual(expect.stringMatching(/^\d+ acknowledged decisions are lost$/));
    },
    LIMIT_MS,
  );
});
