import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMIT_MS, openTestDatabase, type TestDatabase } from '../setup/test-database.ts';
import { buildServer } from './built-server.ts';
import { type RunningServer, startServer, stopServer } from './running-server.ts';

/** A sandbox in a process of its own, where nothing of the test runs. */
export interface OwnProcess {
  readonly server: RunningServer;
  readonly database: TestDatabase;
  /** Folder of the sandbox's keys. */
  readonly dataDir: string;
}

/** Starts one before the tests of a file and stops it after. */
export function useOwnProcess(): () => OwnProcess {
  let own: OwnProcess | undefined;
  beforeAll(async () => {
    await buildServer();
    const database = await openTestDatabase();
    const dataDir = await mkdtemp(join(process.env['TEST_HOME'] ?? '', 'own-'));
    const urls = { DATABASE_URL: database.applicationUrl, DATABASE_OWNER_URL: database.url };
    const server = await startServer({ ...urls, SANDBOX: 'true', DATA_DIR: dataDir, LOG_LEVEL: 'info' });
    own = { server, database, dataDir };
  }, LIMIT_MS);
  afterAll(async () => {
    if (own === undefined) return;
    await stopServer(own.server);
    await own.database.close();
  }, LIMIT_MS);
  return () => {
    if (own === undefined) throw new Error('the server has not started');
    return own;
  };
}
