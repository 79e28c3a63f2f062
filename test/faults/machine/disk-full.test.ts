import { waitUntil } from '../../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../../setup/test-database.ts';
import { buildServer } from '../../start/built-server.ts';
import { newFolder, removeFolders } from '../../start/data-folders.ts';
import { stopAll } from '../../start/running-server.ts';
import { figures } from '../figures.ts';
import { Load } from '../load.ts';
import { OwnPostgres } from '../own-postgres.ts';
import { OwnServer } from '../own-server.ts';
import { SmallDisk } from './small-disk.ts';

/** Room for a register that has hardly begun, in megabytes. */
const [DATA, WAL] = [200, 100];
const MORE = 300;

let disk: SmallDisk;
let postgres: OwnPostgres;

beforeAll(buildServer, LIMIT_MS);

afterEach(async () => {
  await stopAll();
  await postgres.stop();
  await disk.unmount();
}, LIMIT_MS);

afterAll(removeFolders);

/** A PostgreSQL server with its data in one folder and its write-ahead log in another. */
async function startIn(data: string, wal: string): Promise<OwnPostgres> {
  const started = await OwnPostgres.start(data);
  await started.stop();
  await started.moveWal(wal);
  started.settings = { min_wal_size: '32MB', max_wal_size: '48MB' };
  await started.start();
  return started;
}

/** The server answers again though nobody touched it, and everything that it ever acknowledged is there. */
async function expectAllWell(load: Load, { running }: OwnServer, what: string): Promise<void> {
  expect(await waitUntil(async () => (await load.once()) === 200, LIMIT_MS)).toBe(true);
  expect(await load.faults(postgres)).toEqual([]);
  expect([load.unanswered, running.child.exitCode, running.child.signalCode]).toEqual([0, null, null]);
  figures(what, 1, load, {});
}

async function canSwitchWal(): Promise<boolean> {
  return postgres.query('select pg_switch_wal()').then(
    () => true,
    () => false,
  );
}

describe('when there is no room left', () => {
  it(
    'for data, answers are 503 until there is, and none is given without its record',
    async () => {
      disk = await SmallDisk.mount(DATA);
      postgres = await startIn(disk.folder, newFolder());
      const server = await OwnServer.start(postgres);
      const load = await Load.on(server);
      const failing = load.untilItFails();
      await load.untilMore(MORE);
      disk.fill();
      await failing;
      disk.free();
      await expectAllWell(load, server, 'no room for data');
    },
    LIMIT_MS,
  );

  it(
    'for the write-ahead log, PostgreSQL ends, answers are 503 until it is started again, and nothing is lost',
    async () => {
      disk = await SmallDisk.mount(WAL);
      postgres = await startIn(newFolder(), disk.folder);
      const server = await OwnServer.start(postgres);
      const load = await Load.on(server);
      const failing = load.untilItFails();
      await load.untilMore(MORE);
      disk.fill();
      // Until another piece of it has to be begun there is room in the last one.
      await waitUntil(async () => !(await canSwitchWal()), LIMIT_MS);
      await failing;
      expect([await load.once(), await server.readiness()]).toEqual([503, 503]);
      disk.free();
      await postgres.start();
      await expectAllWell(load, server, 'no room for WAL');
    },
    LIMIT_MS,
  );
});
