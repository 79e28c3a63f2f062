import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'akkoord-config-'));
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const keySet = (key: typeof privateKey) => JSON.stringify({ keys: [key.export({ format: 'jwk' })] });

const SECRETS = {
  BSN_HASH_KEY: Buffer.alloc(32, 1).toString('base64'),
  BSN_CIPHER_KEY: Buffer.alloc(32, 2).toString('base64'),
  VAULT_KEY: Buffer.alloc(32, 3).toString('base64'),
  TOKEN_ISSUER: 'https://issuer.example',
  TOKEN_AUDIENCE: 'https://akkoord.example/fhir',
  TOKEN_JWKS: keySet(publicKey),
};

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function sentencesFor(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
}

describe('without any setting', () => {
  it('the server is a sandbox on loopback with an embedded database', () => {
    const config = readConfig({});
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, baseUrl: 'http://127.0.0.1:8080', sandbox: true });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.secrets).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('an empty setting counts as none', () => {
    expect(readConfig({ PORT: '', HOST: '', DATABASE_URL: '', SANDBOX: '', BASE_URL: '' })).toEqual(readConfig({}));
  });
});

describe('the sandbox', () => {
  const DATABASE_URL = 'postgres://akkoord@127.0.0.1:5432/akkoord';
  it.each([
    { name: 'is on with the embedded database', env: {}, sandbox: true },
    { name: 'is off with a database of your own', env: { DATABASE_URL, ...SECRETS }, sandbox: false },
    { name: 'is on there when asked for', env: { DATABASE_URL, SANDBOX: 'true' }, sandbox: true },
    { name: 'is off with the embedded database when asked for', env: { SANDBOX: 'false', ...SECRETS }, sandbox: false },
  ])('$name', ({ env, sandbox }) => {
    expect(readConfig(env).sandbox).toBe(sandbox);
  });
});

describe('private networks', () => {
  it.each([
    ['none', {}, []],
    ['those that are named', { PRIVATE_NETWORKS: '10.20.0.0/16, fd12::/16' }, ['10.20.0.0/16', 'fd12::/16']],
  ])('are within reach: %s', (_which, env, networks) => {
    expect(readConfig(env).privateNetworks).toEqual(networks);
  });
});

describe('the door', () => {
  it('stops a flood, keeps places for what is urgent, and waits for nothing for ever', () => {
    expect(readConfig({}).door).toEqual({
      times: { headers: 20_000, body: 60_000, idle: 120_000, keepAlive: 65_000 },
      rates: { client: 1_200_000, citizen: 1_200_000, address: 300_000 },
      work: {
        places: { urgent: 256, emergency: 12, prompt: 8, ordinary: 7, bulk: 2 },
        waiting: 512,
        patience: 10_000,
        streams: 64,
      },
    });
  });

  it('takes fewer requests of citizens than of clients where they are people', () => {
    const { door } = readConfig({ SANDBOX: 'false', ...SECRETS });
    expect(door.rates).toEqual({ client: 1_200_000, citizen: 600, address: 300_000 });
  });

  it('allows what it is told', () => {
    const rates = { RATE_LIMIT_CALLER: '600', RATE_LIMIT_CITIZEN: '90', RATE_LIMIT_ADDRESS: '60' };
    const work = { WORK_AT_ONCE: '32', WORK_WAITING: '10', WORK_PATIENCE: '1.5' };
    const times = { HEADERS_TIMEOUT: '1', BODY_TIMEOUT: '2', IDLE_TIMEOUT: '3', KEEP_ALIVE_TIMEOUT: '4' };
    const { door } = readConfig({ ...rates, ...work, ...times });
    expect(door).toMatchObject({
      times: { headers: 1000, body: 2000, idle: 3000, keepAlive: 4000 },
      rates: { client: 600, citizen: 90, address: 60 },
      work: { places: { urgent: 32 }, waiting: 10, patience: 1500 },
    });
  });

  it.each([{ WORK_AT_ONCE: '12' }, { RATE_LIMIT_CALLER: '0' }, { WORK_WAITING: 'x' }, { BODY_TIMEOUT: '0' }])(
    'has no use for %j',
    (setting) => {
      expect(sentencesFor(setting)).toHaveLength(1);
    },
  );
});

describe('the delivery of notifications', () => {
  it('waits ten seconds, from a second to an hour, for three days', () => {
    const delivery = { timeout: 10_000, firstWait: 1000, longestWait: 3_600_000, expiry: 259_200_000 };
    expect(readConfig({}).delivery).toEqual(delivery);
  });

  it('waits as it is told, in seconds', () => {
    const waits = { NOTIFICATION_RETRY: '2', NOTIFICATION_RETRY_MOST: '60', NOTIFICATION_EXPIRY: '90' };
    const delivery = { timeout: 500, firstWait: 2000, longestWait: 60_000, expiry: 90_000 };
    expect(readConfig({ NOTIFICATION_TIMEOUT: '0.5', ...waits }).delivery).toEqual(delivery);
  });
});

describe('a secret', () => {
  it('may lie in a file, with white space around it', () => {
    const { BSN_HASH_KEY, ...others } = SECRETS;
    const env = { SANDBOX: 'false', ...others, BSN_HASH_KEY_FILE: file('hash-key', `${BSN_HASH_KEY}\n`) };
    expect(readConfig(env).secrets?.bsnHashKey).toEqual(Buffer.alloc(32, 1));
  });

  it('may be the address of the database', () => {
    const env = { DATABASE_URL_FILE: file('address', 'postgres://akkoord@127.0.0.1/akkoord\n'), SANDBOX: 'true' };
    expect(readConfig(env).databaseUrl).toBe('postgres://akkoord@127.0.0.1/akkoord');
    expect(readConfig(env).databaseOwnerUrl).toBeUndefined();
    const owned = { ...env, DATABASE_OWNER_URL_FILE: file('owner', 'postgres://owner@127.0.0.1/akkoord\n') };
    expect(readConfig(owned).databaseOwnerUrl).toBe('postgres://owner@127.0.0.1/akkoord');
  });
});

describe('mails', () => {
  const MAIL_FROM = 'Akkoord <no-reply@akkoord.example>';

  it('are sent through no server unless one is given', () => {
    expect(readConfig({}).mail).toBeUndefined();
    expect(readConfig({ MAIL_FROM }).mail).toBeUndefined();
  });

  it.each([
    { url: 'smtp://127.0.0.1:25', from: MAIL_FROM },
    { url: 'smtps://user:secret@mail.example:465', from: 'no-reply@akkoord.example' },
    { url: 'smtp://mail.example?requireTLS=true', from: 'Mijn Akkoord Post <no-reply@akkoord.example>' },
  ])('go through $url from $from', ({ url, from }) => {
    expect(readConfig({ SMTP_URL: url, MAIL_FROM: from }).mail).toEqual({ url, from });
  });

  it('go through a server that a file names', () => {
    const env = { SMTP_URL_FILE: file('smtp', 'smtps://user:secret@mail.example\n'), MAIL_FROM };
    expect(readConfig(env).mail?.url).toBe('smtps://user:secret@mail.example');
  });
});

describe('one sentence tells', () => {
  const production = { SANDBOX: 'false', ...SECRETS };
  const SMTP_URL = 'smtps://user:secret@mail.example';
  it.each([
    { wrong: 'a port that is none', env: { PORT: '99999' }, said: /^PORT: / },
    { wrong: 'a port that would not be known', env: { PORT: '0' }, said: /^PORT: / },
    { wrong: 'a word that is neither true nor false', env: { SANDBOX: 'yes' }, said: /^SANDBOX: / },
    { wrong: 'no time to wait', env: { NOTIFICATION_RETRY: '0' }, said: /^NOTIFICATION_RETRY: / },
    {
      wrong: 'a log that is kept for too short',
      env: { AUDIT_RETENTION_YEARS: '4', DATABASE_URL: 'postgres://akkoord@127.0.0.1/akkoord', SANDBOX: 'true' },
      said: /^AUDIT_RETENTION_YEARS: the audit log is kept for at least 5 years\.$/,
    },
    ...['0.0.0.0/0', '127.0.0.0/8', '169.254.0.0/16', '10.0.0.0/7', '198.41.0.0/16', '::/0', '10.20.0.1', 'x'].map(
      (network) => ({
        wrong: `a private network that is none: ${network}`,
        env: { PRIVATE_NETWORKS: `10.20.0.0/16,${network}` },
        said: /^PRIVATE_NETWORKS: /,
      }),
    ),
    { wrong: 'a log level that is none', env: { LOG_LEVEL: 'loud' }, said: /^LOG_LEVEL: / },
    { wrong: 'a base address that is none', env: { BASE_URL: 'ftp://akkoord.example' }, said: /^BASE_URL: / },
    {
      wrong: 'a database of another kind',
      env: { DATABASE_URL: 'mysql://root:secret@127.0.0.1/akkoord', SANDBOX: 'true' },
      said: /^DATABASE_URL must have the form postgres:/,
    },
    {
      wrong: 'a database address that cannot be read',
      env: { DATABASE_URL: 'postgres://akkoord:secret@:port/', SANDBOX: 'true' },
      said: /^DATABASE_URL must have the form postgres:/,
    },
    {
      wrong: 'an owner of no database',
      env: { DATABASE_OWNER_URL: 'postgres://owner:secret@127.0.0.1/akkoord' },
      said: /^DATABASE_OWNER_URL is given without DATABASE_URL\.$/,
    },
    {
      wrong: 'an owner whose address cannot be read',
      env: { DATABASE_URL: 'postgres://akkoord@127.0.0.1/akkoord', DATABASE_OWNER_URL: 'owner', SANDBOX: 'true' },
      said: /^DATABASE_OWNER_URL must have the form postgres:/,
    },
    {
      wrong: 'an SMTP server that cannot be reached as one',
      env: { SMTP_URL: 'https://user:secret@mail.example', MAIL_FROM: 'no-reply@akkoord.example' },
      said: /^SMTP_URL must have the form smtps:/,
    },
    {
      wrong: 'an SMTP server without a host',
      env: { SMTP_URL: 'smtp://', MAIL_FROM: 'no-reply@akkoord.example' },
      said: /^SMTP_URL must have the form smtps:/,
    },
    {
      wrong: 'a server that is reached in the clear',
      env: { ...production, BASE_URL: 'http://akkoord.example' },
      said: /^BASE_URL must begin with https\.$/,
    },
    { wrong: 'mails from nobody', env: { SMTP_URL }, said: /^MAIL_FROM is missing: / },
    { wrong: 'mails from a word', env: { SMTP_URL, MAIL_FROM: 'Akkoord' }, said: /^MAIL_FROM must have the form / },
    {
      wrong: 'mails from two',
      env: { SMTP_URL, MAIL_FROM: 'a@akkoord.example, b@akkoord.example' },
      said: /^MAIL_FROM must have the form /,
    },
    {
      wrong: 'mails with a header more',
      env: { SMTP_URL, MAIL_FROM: 'Akkoord <a@akkoord.example>\r\nBcc: b@akkoord.example' },
      said: /^MAIL_FROM must have the form /,
    },
    {
      wrong: 'a key that is too short',
      env: { ...production, BSN_CIPHER_KEY: Buffer.alloc(16).toString('base64') },
      said: /^BSN_CIPHER_KEY must be 32 bytes in base64\.$/,
    },
    {
      wrong: 'a key in another alphabet',
      env: { ...production, BSN_HASH_KEY: Buffer.alloc(32, 1).toString('hex') },
      said: /^BSN_HASH_KEY must be 32 bytes in base64\.$/,
    },
    {
      wrong: 'a file that is not there',
      env: { ...production, TOKEN_JWKS: '', TOKEN_JWKS_FILE: join(folder, 'absent') },
      said: /^TOKEN_JWKS_FILE names a file that cannot be read\.$/,
    },
    {
      wrong: 'a secret given twice',
      env: { ...production, BSN_HASH_KEY_FILE: file('again', SECRETS.BSN_HASH_KEY) },
      said: /^BSN_HASH_KEY and BSN_HASH_KEY_FILE are both given/,
    },
    {
      wrong: 'a key set that is no JSON',
      env: { ...production, TOKEN_JWKS: 'keys' },
      said: /^TOKEN_JWKS must be a JSON Web Key Set of public keys\.$/,
    },
    {
      wrong: 'a key set with a private key',
      env: { ...production, TOKEN_JWKS: keySet(privateKey) },
      said: /^TOKEN_JWKS must be a JSON Web Key Set of public keys\.$/,
    },
  ])('$wrong', ({ env, said }) => {
    const sentences = sentencesFor(env);
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(said);
    expect(sentences[0]).not.toContain('secret@');
  });

  it('and says nothing about settings that are right', () => {
    expect(sentencesFor(production)).toEqual([]);
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'https://akkoord.example'])(
    'nor about an address that nobody can listen in on: %s',
    (BASE_URL) => {
      expect(sentencesFor({ ...production, BASE_URL })).toEqual([]);
    },
  );

  it('nor in the sandbox', () => {
    expect(sentencesFor({ SANDBOX: 'true', BASE_URL: 'http://akkoord.example' })).toEqual([]);
  });

  it('nor about a plain address of a database on another machine: of that the start warns', () => {
    expect(sentencesFor({ ...production, DATABASE_URL: 'postgres://akkoord@database.example/akkoord' })).toEqual([]);
  });
});
