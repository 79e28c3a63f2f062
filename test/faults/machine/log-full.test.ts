import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../../setup/test-database.ts';
import { ROOT } from '../../start/built-server.ts';
import { type RunningServer, start } from '../../start/running-server.ts';
import { Load } from '../load.ts';
import { useOwn } from '../use-own.ts';
import { SmallDisk } from './small-disk.ts';

const MORE = 2000;

let disk: SmallDisk;

beforeAll(async () => {
  disk = await SmallDisk.mount(1);
});

// Before the folders are removed that `useOwn` has removed.
afterAll(() => disk.unmount());

const own = useOwn();

/** A second server on the database and keys of the first one, with its log in a file. */
async function startLoggingTo(file: string): Promise<RunningServer> {
  const { postgres, server } = own();
  const urls = { DATABASE_URL: postgres.applicationUrl, DATABASE_OWNER_URL: postgres.url };
  const command = ['sh', '-c', `exec "${process.execPath}" "${join(ROOT, 'dist', 'main.js')}" 2>> "${file}"`];
  const isReady = () => existsSync(file) && readFileSync(file, 'utf8').includes('"message":"ready"');
  const settings = { ...urls, SANDBOX: 'true', DATA_DIR: server.dataDir, LOG_LEVEL: 'debug' };
  return start(settings, { command, until: () => Promise.resolve(isReady()) });
}

describe('a server whose log is on a disk without room', () => {
  it(
    'goes on answering, each with its record, and writes lines again when there is room',
    async () => {
      const file = join(disk.folder, 'server.log');
      const size = () => statSync(file).size;
      const { child, baseUrl } = await startLoggingTo(file);
      const load = await Load.on({ baseUrl, dataDir: own().server.dataDir });
      disk.fill();
      const going = load.untilItFails();
      await load.untilMore(MORE);
      const whenFull = size();
      await load.untilMore(MORE);
      expect([load.unknown, child.exitCode, child.signalCode, size()]).toEqual([0, null, null, whenFull]);
      disk.free();
      expect(await waitUntil(() => size() > whenFull, LIMIT_MS)).toBe(true);
      child.kill('SIGKILL');
      await going;
      expect(await load.decisions.faults(own().postgres)).toEqual([]);
    },
    LIMIT_MS,
  );
});
