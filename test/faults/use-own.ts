import { LIMIT_MS } from '../setup/test-database.ts';
import { buildServer } from '../start/built-server.ts';
import { removeFolders } from '../start/data-folders.ts';
import { stopAll } from '../start/running-server.ts';
import { OwnPostgres } from './own-postgres.ts';
import { OwnServer } from './own-server.ts';

/** What a test file about faults works on. */
export interface Own {
  readonly postgres: OwnPostgres;
  readonly server: OwnServer;
}

/** Starts a PostgreSQL server and a server on it before the tests of a file, and removes all of it after. */
export function useOwn(settings: Readonly<Record<string, string>> = {}): () => Own {
  let own: Own | undefined;
  beforeAll(async () => {
    await buildServer();
    const postgres = await OwnPostgres.start();
    own = { postgres, server: await OwnServer.start(postgres, settings) };
  }, LIMIT_MS);
  afterAll(async () => {
    await stopAll();
    await own?.postgres.stop();
    removeFolders();
  }, LIMIT_MS);
  return () => {
    if (own === undefined) throw new Error('nothing has started');
    return own;
  };
}
