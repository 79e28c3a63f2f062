import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { BsnVault } from '../../src/consent/bsn-vault.ts';
import { LIMIT_MS, useTestDatabase } from '../setup/test-database.ts';
import { ask, organization, patient, tokenIn, valueOf } from './ask.ts';
import { buildServer } from './built-server.ts';
import { newFolder, removeFolders } from './data-folders.ts';
import { start, stopAll, stopServer } from './running-server.ts';

const BSN = '999990019';
const WRITER = '999999990';
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'https://akkoord.example/fhir';

const database = useTestDatabase();

beforeAll(buildServer, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

interface Production {
  readonly settings: Record<string, string>;
  /** A token of the citizen with this BSN, by the issuer the server trusts. */
  readonly citizenToken: (bsn: string) => Promise<string>;
}

/** Settings of a server for production, its secrets in files. */
async function production(): Promise<Production> {
  const { publicKey, privateKey } = await generateKeyPair('ES384');
  const hashKey = randomBytes(32);
  const cipherKey = randomBytes(32);
  const secrets = {
    BSN_HASH_KEY: hashKey.toString('base64'),
    BSN_CIPHER_KEY: cipherKey.toString('base64'),
    VAULT_KEY: randomBytes(32).toString('base64'),
    TOKEN_ISSUER: ISSUER,
    TOKEN_AUDIENCE: AUDIENCE,
    TOKEN_JWKS: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES384' }] }),
    DATABASE_URL: database().url,
  };
  const folder = newFolder();
  const files = Object.entries(secrets).map(([name, text]) => {
    writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 });
    return [`${name}_FILE`, join(folder, name)] as const;
  });
  const citizenToken = (bsn: string) =>
    new SignJWT({
      acr: 'http://eidas.europa.eu/LoA/high',
      scope: 'akkoord/consent.record akkoord/consent.check patient/Patient.cruds',
    })
      .setProtectedHeader({ alg: 'ES384', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(new BsnVault(hashKey, cipherKey).keyOf(bsn).toString('base64url'))
      .setJti('one')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
  return {
    settings: { ...Object.fromEntries(files), TOKEN_PSEUDONYM_CLAIM: 'sub', DATA_DIR: join(folder, 'data') },
    citizenToken,
  };
}

const CHOICE = [patient(BSN), { name: 'option', valueCode: 'all' }];

describe('a server on a database of its own with its secrets in files', () => {
  it(
    'serves those whom its issuer vouches for, prints nothing and starts no database',
    async () => {
      const { settings, citizenToken } = await production();
      const server = await start(settings);
      const chosen = await ask(server.baseUrl, 'choose', await citizenToken(BSN), CHOICE);
      expect(chosen.status).toBe(200);
      expect((await fetch(`${server.baseUrl}/health/ready`)).status).toBe(200);
      for (const method of ['GET', 'POST']) {
        expect((await fetch(`${server.baseUrl}/sandbox/notifications/00000659`, { method })).status).toBe(404);
      }
      expect(await stopServer(server)).toMatchObject({ code: 0, stdout: '' });
      expect(existsSync(join(settings['DATA_DIR'] ?? '', 'postgres'))).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'knows neither the clients nor the tokens of the sandbox',
    async () => {
      const { settings } = await production();
      const server = await start(settings);
      const token = await tokenIn(newFolder(), `citizen:${BSN}`);
      expect((await ask(server.baseUrl, 'choose', token, CHOICE)).status).toBe(401);
      const { rows } = await database().database.query('select id from client');
      expect(rows).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a server that works with', () => {
  const WARNING = 'the database login of the server could change the audit log';

  it(
    'a login of its own can add to the log and no more, and has nothing to warn of',
    async () => {
      const { settings, citizenToken } = await production();
      const { url, applicationUrl } = database();
      const { DATABASE_URL_FILE = '', ...others } = settings;
      writeFileSync(DATABASE_URL_FILE, applicationUrl);
      const server = await start({ ...others, DATABASE_URL_FILE, DATABASE_OWNER_URL: url });
      const chosen = await ask(server.baseUrl, 'choose', await citizenToken(BSN), CHOICE);
      expect(chosen.status).toBe(200);
      expect((await stopServer(server)).stderr).not.toContain(WARNING);
    },
    LIMIT_MS,
  );

  it(
    'that login alone starts too, on a database that its owner has migrated',
    async () => {
      const { settings } = await production();
      const { DATABASE_URL_FILE = '', ...others } = settings;
      writeFileSync(DATABASE_URL_FILE, database().applicationUrl);
      const server = await start({ ...others, DATABASE_URL_FILE });
      expect((await fetch(`${server.baseUrl}/health/ready`)).status).toBe(200);
      expect((await stopServer(server)).stderr).not.toContain(WARNING);
    },
    LIMIT_MS,
  );

  it(
    'the login of the owner alone warns of it once',
    async () => {
      const { settings } = await production();
      const server = await start(settings);
      expect((await stopServer(server)).stderr.split(WARNING)).toHaveLength(2);
    },
    LIMIT_MS,
  );

  it(
    'the login of the owner, while it was to have one of its own, is refused',
    async () => {
      const { settings } = await production();
      const ended = await (await start({ ...settings, DATABASE_OWNER_URL: database().url })).ended;
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain(
        'The login of DATABASE_URL could change the audit log: it may own nothing and become nobody else.',
      );
    },
    LIMIT_MS,
  );
});

describe('a server whose database is on another machine', () => {
  it(
    'starts with its plain address, and warns once of what that leaves open',
    async () => {
      const { settings } = await production();
      // An address of this machine that does not look like one.
      writeFileSync(
        settings['DATABASE_URL_FILE'] ?? '',
        database().url.replace(/@(127\.0\.0\.1|localhost)/, '@0.0.0.0'),
      );
      const server = await start(settings);
      expect((await fetch(`${server.baseUrl}/health/ready`)).status).toBe(200);
      expect((await stopServer(server)).stderr.split('DATABASE_URL should say sslmode=verify-full')).toHaveLength(2);
    },
    LIMIT_MS,
  );
});

describe('a server for production without an SMTP server', () => {
  it(
    'sends no mail, queues none, and says so once at its start; what the citizen wants is kept',
    async () => {
      const { settings, citizenToken } = await production();
      const server = await start(settings);
      const token = await citizenToken(WRITER);
      const wanted = [{ name: 'emailOn', valueCode: 'choices-changed' }];
      const post = (path: string, body: object) =>
        fetch(`${server.baseUrl}/fhir/${path}`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' },
          body: JSON.stringify(body),
        });
      const identifier = [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: WRITER }];
      const telecom = [{ system: 'email', value: 'citizen@example.org' }];
      expect((await post('Patient', { resourceType: 'Patient', identifier, telecom })).status).toBe(201);
      const settled = await post('Patient/$settings', { resourceType: 'Parameters', parameter: wanted });
      expect([settled.status, await settled.text()]).toEqual([200, expect.stringContaining('choices-changed')]);
      const choice = [patient(WRITER), { name: 'option', valueCode: 'all' }];
      expect((await ask(server.baseUrl, 'choose', token, choice)).status).toBe(200);
      for (const table of ['mail', 'mail_address']) {
        expect((await database().database.query(`select from ${table}`)).rowCount).toBe(0);
      }
      expect((await fetch(`${server.baseUrl}/sandbox/mailbox`)).status).toBe(404);
      const { stderr } = await stopServer(server);
      expect(stderr.split('no mail is sent: there is no SMTP_URL')).toHaveLength(2);
      expect(stderr).not.toContain('citizen@example.org');
    },
    LIMIT_MS,
  );
});

describe('a server on a database of its own with SANDBOX=true', () => {
  it(
    'has the sandbox in it, also when a second one starts beside it on the same data folder',
    async () => {
      const settings = { DATABASE_URL: database().url, SANDBOX: 'true', DATA_DIR: newFolder() };
      const servers = await Promise.all([start(settings), start(settings)]);
      const token = await tokenIn(settings.DATA_DIR, 'gp');
      const question = [
        patient('900203638'),
        organization('holder', '00000659'),
        organization('requester', '00014332'),
      ];
      for (const { baseUrl } of servers) {
        expect(valueOf(await ask(baseUrl, 'check', token, question), 'decision')).toBe('permit');
      }
    },
    LIMIT_MS,
  );
});
