import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { toProblem } from './database-problem.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Any fixed number; every server that migrates takes the lock under it. */
const LOCK = 4_205_118_863;

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Brings the database up to date with the SQL files in /migrations, all in one transaction.
 * Servers that start together take turns: the runner's own lock fails at once instead of waiting, so it is switched off
 * and the same connection first waits for ours.
 * @returns Names of the migrations that were run.
 * @throws Problem unavailable when the server cannot be reached
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'akkoord-migrate' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const settings = { direction: 'up', noLock: true, singleTransaction: true, logger: silent } as const;
    const run = await runner({ dbClient: client, dir: MIGRATIONS, migrationsTable: 'migration', ...settings });
    return run.map(({ name }) => name);
  } catch (error) {
    throw toProblem(error);
  } finally {
    await client.end();
  }
}
