import { decodeJwt } from 'jose';
import { LIMIT_MS } from '../setup/test-database.ts';
import { buildServer } from './built-server.ts';
import { newFolder, removeFolders } from './data-folders.ts';
import { run, sentence } from './running-server.ts';

const dataDir = newFolder();
const tokenFor = (words: readonly string[], settings = {}) =>
  run(['npm', 'run', '--silent', 'token', '--', ...words], { DATA_DIR: dataDir, ...settings });

beforeAll(buildServer, LIMIT_MS);
afterAll(removeFolders);

describe('npm run token', () => {
  it.each([
    { words: ['gp'], claim: 'client_id' },
    { words: ['auditor'], claim: 'client_id' },
    { words: ['citizen', '900186021'], claim: 'akkoord_citizen' },
    { words: ['citizen', '999900006'], claim: 'akkoord_citizen' },
  ])(
    'prints a token alone for $words',
    async ({ words, claim }) => {
      const { code, stdout, stderr } = await tokenFor(words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      expect(decodeJwt(stdout.trim())).toHaveProperty(claim);
      expect(JSON.stringify(decodeJwt(stdout.trim()))).not.toContain(words[1] ?? 'nothing');
    },
    LIMIT_MS,
  );

  it.each([
    { who: 'nobody', words: [] },
    { who: 'an unknown client', words: ['dentist'] },
    { who: 'a client and more', words: ['gp', 'please'] },
    { who: 'a citizen without a number', words: ['citizen'] },
    { who: 'a number that fails the eleven-test', words: ['citizen', '999900007'] },
    { who: 'a number that a living person may have', words: ['citizen', ['111222', '333'].join('')] },
  ])(
    'prints its usage, and no token, for $who',
    async ({ words }) => {
      const { code, stdout, stderr } = await tokenFor(words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^usage: npm run token -- <client>\n/);
    },
    LIMIT_MS,
  );

  it(
    'refuses where the sandbox is off, one sentence for each missing secret',
    async () => {
      const { code, stdout, stderr } = await tokenFor(['gp'], { SANDBOX: 'false' });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.trimEnd().split('\n')).toHaveLength(4);
    },
    LIMIT_MS,
  );

  it(
    'says in one sentence what is wrong with a setting',
    async () => {
      expect(sentence(await tokenFor(['gp'], { PORT: 'eighty' }))).toMatch(/^PORT: /);
    },
    LIMIT_MS,
  );
});
