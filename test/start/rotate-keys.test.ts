import { LIMIT_MS } from '../setup/test-database.ts';
import { ask, organization, patient, tokenIn } from './ask.ts';
import { buildServer } from './built-server.ts';
import { databaseIn, newFolder, removeFolders } from './data-folders.ts';
import { run, sentence, start, stopAll, stopServer } from './running-server.ts';

const dataDir = newFolder();
const rotate = (settings = {}) => run(['node', 'dist/rotate-keys.js'], { DATA_DIR: dataDir, ...settings });
const REPORT = /^The keys of (\d+) vaults were rotated: (\d+) entries were sealed again\.\n$/;

beforeAll(buildServer, LIMIT_MS);
afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

describe('the rotation of keys as a command', () => {
  it(
    'says in one sentence that a server holds the data folder, and in one line what it did once it is free',
    async () => {
      const server = await start({ DATA_DIR: dataDir });
      const refused = await rotate();
      expect([refused.code, refused.stdout]).toEqual([1, '']);
      expect(sentence(refused)).toBe('Another server is using this data folder: stop it or set another DATA_DIR.');
      await stopServer(server);

      const done = await rotate();
      expect([done.code, done.stderr]).toEqual([0, '']);
      const [, vaults, entries] = REPORT.exec(done.stdout) ?? [];
      // Five holders in the sandbox, each subscribed for two citizens: ten entries, as many in the history.
      expect(Number(vaults)).toBe(5);
      expect(Number(entries)).toBeGreaterThanOrEqual(20);
      expect(await databaseIn(dataDir)).toEqual([]);

      const again = await start({ DATA_DIR: dataDir });
      const token = await tokenIn(dataDir, 'hospital');
      const found = await ask(again.baseUrl, 'locate', token, [
        patient('900203638'),
        organization('requester', '00005098'),
      ]);
      expect(found.body.parameter?.map(({ name }) => name)).toContain('location');
      expect((await stopServer(again)).code).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'refuses without the keys, one sentence for each that is missing',
    async () => {
      const { code, stdout, stderr } = await rotate({ SANDBOX: 'false' });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('VAULT_KEY (or VAULT_KEY_FILE) is missing');
    },
    LIMIT_MS,
  );
});
