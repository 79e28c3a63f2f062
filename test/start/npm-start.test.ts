import { LIMIT_MS } from '../setup/test-database.ts';
import { buildServer } from './built-server.ts';
import { databaseIn, newFolder, removeFolders } from './data-folders.ts';
import { type RunningServer, start, stopAll } from './running-server.ts';

const dataDir = newFolder();
const npmStart = () => start({ DATA_DIR: dataDir }, { command: ['npm', 'start'] });

/** What Ctrl-C in a terminal does: every process of the group gets the signal. */
function interrupt({ child }: RunningServer): void {
  process.kill(-(child.pid ?? 0), 'SIGINT');
}

beforeAll(buildServer, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

describe('npm start', () => {
  it(
    'starts in an empty folder',
    async () => {
      const server = await npmStart();
      process.stdout.write(`npm start to ready: ${Math.round(server.readyAfter)} ms\n`);
      expect(server.stdout()).toContain(server.baseUrl);
      interrupt(server);
      await server.ended;
    },
    LIMIT_MS,
  );

  it.each([
    { how: 'by Ctrl-C', stop: interrupt },
    { how: 'by SIGTERM to npm alone', stop: ({ child }: RunningServer) => void child.kill('SIGTERM') },
  ])(
    'stopped $how answers no more and leaves no database process',
    async ({ stop }) => {
      const server = await npmStart();
      const alive = `${server.baseUrl}/health/live`;
      expect((await fetch(alive)).status).toBe(200);
      expect(await databaseIn(dataDir)).not.toEqual([]);
      stop(server);
      await server.ended;
      await expect(fetch(alive)).rejects.toThrow();
      expect(await databaseIn(dataDir)).toEqual([]);
    },
    LIMIT_MS,
  );
});
