import { once } from 'node:events';
import { createServer } from 'node:net';
import { LIMIT_MS } from '../setup/test-database.ts';
import { buildServer } from './built-server.ts';
import { databaseIn, newFolder, removeFolders } from './data-folders.ts';
import { freePort, sentence, start, stopAll } from './running-server.ts';

beforeAll(buildServer, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

const MISSING = [
  'BSN_HASH_KEY (or BSN_HASH_KEY_FILE) is missing: 32 random bytes in base64.',
  'BSN_CIPHER_KEY (or BSN_CIPHER_KEY_FILE) is missing: 32 random bytes in base64.',
  'VAULT_KEY (or VAULT_KEY_FILE) is missing: 32 random bytes in base64.',
  'No access token would count: set AUTHORIZATION_SERVER=true for the built-in authorisation server, or TOKEN_ISSUER, TOKEN_AUDIENCE and TOKEN_JWKS (or TOKEN_JWKS_URL) for an issuer of your own.',
];

describe('a server for production without its secrets', () => {
  it.each([{ given: { SANDBOX: 'false' } }, { given: { DATABASE_URL: 'postgres://akkoord@127.0.0.1:1/akkoord' } }])(
    'refuses with one sentence for each and touches nothing, given $given',
    async ({ given }) => {
      const dataDir = newFolder();
      const { code, stdout, stderr } = await (await start({ DATA_DIR: dataDir, ...given })).ended;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.trimEnd().split('\n')).toEqual(MISSING);
      expect(await databaseIn(dataDir)).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a server that cannot have its address', () => {
  it(
    'says in one sentence that the port is in use, and leaves no database process',
    async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const port = String((other.address() as { port: number }).port);
      const dataDir = newFolder();
      const ended = await (await start({ DATA_DIR: dataDir, PORT: port })).ended;
      other.close();
      expect(ended.code).toBe(1);
      expect(sentence(ended)).toBe(`Port ${port} of 127.0.0.1 is in use: stop the other program or set another PORT.`);
      expect(await databaseIn(dataDir)).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a server whose database does not answer', () => {
  it(
    'says so in one sentence that tells no password',
    async () => {
      const DATABASE_URL = `postgres://akkoord:secret@127.0.0.1:${await freePort()}/akkoord`;
      const ended = await (await start({ DATA_DIR: newFolder(), DATABASE_URL, SANDBOX: 'true' })).ended;
      expect(ended.code).toBe(1);
      expect(sentence(ended)).toMatch(/^[A-Z].*\.$/);
      expect(ended.stderr).not.toContain('secret');
    },
    LIMIT_MS,
  );
});
