import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { decodeJwt } from 'jose';
import { assertionOf, newKey } from '../security/oauth-client.ts';
import { LIMIT_MS, useTestDatabase } from '../setup/test-database.ts';
import { ask, organization, patient, tokenIn, valueOf } from './ask.ts';
import { buildServer, ROOT } from './built-server.ts';
import { newFolder, removeFolders } from './data-folders.ts';
import { environmentWith, freePort, run, sentence, start, stopAll } from './running-server.ts';

const database = useTestDatabase();

beforeAll(buildServer, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

type Settings = Readonly<Record<string, string>>;
const command = (words: readonly string[], settings: Settings) => run(['npm', 'run', '--silent', ...words], settings);

/** The same with something on its standard input. */
async function add(metadata: unknown, settings: Settings) {
  const child = spawn('npm', ['run', '--silent', 'client', '--', 'add'], { cwd: ROOT, env: environmentWith(settings) });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(typeof metadata === 'string' ? metadata : JSON.stringify(metadata));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Two servers on one database and one data folder, which are one to the world. */
async function startTwo() {
  const port = String(await freePort());
  const BASE_URL = `http://127.0.0.1:${port}`;
  const settings = { DATABASE_URL: database().url, SANDBOX: 'true', DATA_DIR: newFolder(), BASE_URL };
  const servers = await Promise.all([start({ ...settings, PORT: port }), start(settings)]);
  // Servers say when they are ready; commands are to say only what they are asked.
  return { settings: { ...settings, LOG_LEVEL: 'error' }, addresses: servers.map(({ baseUrl }) => baseUrl) };
}

const QUESTION = [patient('900203638'), organization('holder', '00000659'), organization('requester', '00014332')];

async function post(baseUrl: string, path: string, assertion: string, form: Settings) {
  const proof = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
  const body = new URLSearchParams({ ...form, ...proof });
  const response = await fetch(`${baseUrl}/oauth/${path}`, { method: 'POST', body });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as { access_token?: string } };
}

async function assertion(settings: Settings): Promise<string> {
  const { code, stdout, stderr } = await command(['assertion', '--', 'gp'], settings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

describe('two server processes on one database', () => {
  it(
    'know each other’s tokens, and at once that one was revoked or its client switched off by command',
    async () => {
      const { settings, addresses } = await startTwo();
      const [one = '', other = ''] = addresses;
      const grant = { grant_type: 'client_credentials', scope: 'akkoord/consent.check' };
      const newToken = async () => (await post(one, 'token', await assertion(settings), grant)).body.access_token ?? '';
      const statuses = (token: string) =>
        Promise.all(addresses.map(async (address) => (await ask(address, 'check', token, QUESTION)).status));
      const [revoked, kept] = [await newToken(), await newToken()];
      expect(valueOf(await ask(other, 'check', revoked, QUESTION), 'decision')).toBe('permit');
      expect((await post(one, 'revoke', await assertion(settings), { token: revoked })).status).toBe(200);
      expect(await statuses(revoked)).toEqual([401, 401]);
      expect(await statuses(kept)).toEqual([200, 200]);
      const { code, stdout } = await command(['client', '--', 'disable', 'gp'], settings);
      expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, client_id: 'gp', active: false });
      expect(await statuses(kept)).toEqual([401, 401]);
      expect((await post(other, 'token', await assertion(settings), grant)).status).toBe(401);
    },
    LIMIT_MS,
  );
});

describe('npm run client', () => {
  it(
    'registers, lists and shows, and each stands in the log',
    async () => {
      const { settings } = await startTwo();
      const { jwk } = await newKey();
      const metadata = {
        client_name: 'The first admin',
        role: 'admin',
        scope: 'akkoord/client.manage',
        jwks: { keys: [jwk] },
      };
      const added = await add(metadata, settings);
      expect(added).toMatchObject({ code: 0, stderr: '' });
      const { client_id: id } = JSON.parse(added.stdout) as { client_id: string };
      const shown = await command(['client', '--', 'show', id], settings);
      expect(JSON.parse(shown.stdout)).toMatchObject({ client_id: id, client_name: 'The first admin', role: 'admin' });
      const list = JSON.parse((await command(['client', '--', 'list'], settings)).stdout) as { client_id: string }[];
      expect(list.map(({ client_id: one }) => one)).toEqual(expect.arrayContaining([id, 'gp', 'auditor']));
      const { rows } = await database().database.query<{ told: string }>(
        `select interaction || ' ' || outcome as told from audit_event where client_id = 'operator' order by recorded_at, id`,
      );
      expect(rows.map(({ told }) => told)).toEqual(
        expect.arrayContaining(['Client.create 0', 'Client.read 0', 'Client.read 0']),
      );
    },
    LIMIT_MS,
  );

  it(
    'says in sentences what is wrong, and registers nothing',
    async () => {
      const { settings } = await startTwo();
      const { jwk } = await newKey();
      const insurer = {
        client_name: 'Insurer',
        role: 'holder',
        organization: '90000697',
        scope: 'akkoord/consent.check',
      };
      const refused = await add({ ...insurer, jwks: { keys: [jwk] } }, settings);
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([
        1,
        '',
        'organization: The organisation of a client must be registered.\n',
      ]);
      expect((await add('{', settings)).stderr).toBe('The body is not well-formed JSON.\n');
      expect(sentence(await command(['client', '--', 'show', 'nobody'], settings))).toBe('There is no such client.');
      for (const words of [[], ['add', 'more'], ['show'], ['remove', 'gp']]) {
        expect((await command(['client', '--', ...words], settings)).code).toBe(2);
      }
    },
    LIMIT_MS,
  );
});

describe('a server for production with the built-in authorisation server alone', () => {
  it(
    'gives a client that was registered by command its tokens, and believes nobody else’s',
    async () => {
      const secret = () => randomBytes(32).toString('base64');
      const keys = { BSN_HASH_KEY: secret(), BSN_CIPHER_KEY: secret(), VAULT_KEY: secret() };
      const place = { DATABASE_URL: database().url, DATA_DIR: newFolder(), SANDBOX: 'false' };
      const settings = { ...keys, ...place, AUTHORIZATION_SERVER: 'true' };
      const { baseUrl } = await start(settings);
      const key = await newKey();
      const metadata = {
        client_name: 'LSP',
        role: 'exchange',
        scope: 'akkoord/consent.check',
        jwks: { keys: [key.jwk] },
      };
      const added = await add(metadata, { ...settings, LOG_LEVEL: 'error' });
      const { client_id: id } = JSON.parse(added.stdout) as { client_id: string };
      const proof = await assertionOf({ baseUrl }, id, key);
      const grant = { grant_type: 'client_credentials', scope: 'akkoord/consent.check' };
      const { body } = await post(baseUrl, 'token', proof, grant);
      const types = ['holder', 'requester'].map((name) => typeOf(`${name}Type`, name === 'holder' ? 'Z3' : 'J8'));
      expect((await ask(baseUrl, 'check', body.access_token ?? '', [...QUESTION, ...types])).status).toBe(200);
      const foreign = await tokenIn(newFolder(), 'gp');
      expect((await ask(baseUrl, 'check', foreign, QUESTION)).status).toBe(401);
    },
    LIMIT_MS,
  );
});

function typeOf(name: string, code: string): object {
  return { name, valueCoding: { system: 'http://nictiz.nl/fhir/NamingSystem/organization-type', code } };
}

describe('npm run assertion', () => {
  it(
    'prints one for the token endpoint of the settings, alone, and its usage for nobody',
    async () => {
      const settings = { DATA_DIR: newFolder(), BASE_URL: 'https://akkoord.example/' };
      const claims = decodeJwt(await assertion(settings));
      expect(claims).toMatchObject({ iss: 'gp', sub: 'gp', aud: 'https://akkoord.example/oauth/token' });
      const { code, stdout, stderr } = await command(['assertion', '--', 'dentist'], settings);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^usage: npm run assertion -- <client>\n/);
      const production = await command(['assertion', '--', 'gp'], { ...settings, SANDBOX: 'false' });
      expect([production.code, production.stdout]).toEqual([1, '']);
    },
    LIMIT_MS,
  );
});
