import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'akkoord-login-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const textOf = (key: typeof privateKey) => JSON.stringify({ ...key.export({ format: 'jwk' }), alg: 'ES384' });
const KEY = textOf(privateKey);

const PRODUCTION = {
  SANDBOX: 'false',
  BASE_URL: 'https://akkoord.example',
  BSN_HASH_KEY: Buffer.alloc(32, 1).toString('base64'),
  BSN_CIPHER_KEY: Buffer.alloc(32, 2).toString('base64'),
  VAULT_KEY: Buffer.alloc(32, 3).toString('base64'),
  TOKEN_ISSUER: 'https://issuer.example',
  TOKEN_AUDIENCE: 'https://akkoord.example/fhir',
  TOKEN_JWKS: JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }),
};
const CLIENT = { LOGIN_ISSUER: 'https://login.example', LOGIN_CLIENT_ID: 'akkoord' };
const LOGIN = { ...CLIENT, LOGIN_CLIENT_SECRET: 'secret' };

function sentencesFor(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
}

describe('where citizens sign in', () => {
  it('is nowhere when nobody says where', () => {
    expect(readConfig(PRODUCTION).login).toBeUndefined();
  });

  it('is at a provider, by a secret, with the levels of Europe and a claim called bsn', () => {
    expect(readConfig({ ...PRODUCTION, ...LOGIN }).login).toEqual({
      issuer: 'https://login.example',
      clientId: 'akkoord',
      credential: { secret: 'secret' },
      scope: 'openid',
      bsnClaim: 'bsn',
      levels: new Map([
        ['http://eidas.europa.eu/LoA/substantial', 'substantial'],
        ['http://eidas.europa.eu/LoA/high', 'high'],
      ]),
    });
  });

  it('is at one with words of its own, by a key in a file', () => {
    const own = {
      LOGIN_BSN_CLAIM: 'nin',
      LOGIN_SCOPE: 'openid nin',
      LOGIN_ACR_SUBSTANTIAL: 'mid two',
      LOGIN_ACR_HIGH: 'top',
    };
    const LOGIN_CLIENT_KEY_FILE = join(folder, 'login-key');
    writeFileSync(LOGIN_CLIENT_KEY_FILE, KEY);
    const { login } = readConfig({ ...PRODUCTION, ...CLIENT, ...own, LOGIN_CLIENT_KEY_FILE });
    expect(login).toMatchObject({ bsnClaim: 'nin', scope: 'openid nin', credential: { key: KEY } });
    expect([...(login?.levels ?? [])]).toEqual([
      ['mid', 'substantial'],
      ['two', 'substantial'],
      ['top', 'high'],
    ]);
  });

  it.each([
    ['without a client', { LOGIN_CLIENT_ID: '' }, /^LOGIN_CLIENT_ID: /],
    ['without anything to prove itself by', { LOGIN_CLIENT_SECRET: '' }, /^LOGIN_CLIENT_SECRET .* is missing/],
    ['with both', { LOGIN_CLIENT_KEY: KEY }, /both given/],
    [
      'with a public key',
      { LOGIN_CLIENT_SECRET: '', LOGIN_CLIENT_KEY: textOf(publicKey) },
      /must be a private JSON Web Key/,
    ],
    ['with what is no key', { LOGIN_CLIENT_SECRET: '', LOGIN_CLIENT_KEY: '{' }, /must be a private JSON Web Key/],
    ['at no address', { LOGIN_ISSUER: 'login.example' }, /^LOGIN_ISSUER: /],
    ['without TLS', { LOGIN_ISSUER: 'http://login.example' }, /^LOGIN_ISSUER must begin with https/],
  ])('%s is refused in one sentence', (_title, change, sentence) => {
    const sentences = sentencesFor({ ...PRODUCTION, ...LOGIN, ...change });
    expect(sentences).toEqual([expect.stringMatching(sentence)]);
    expect(sentences.join('')).not.toContain('"d"');
  });

  it('may do without TLS in the sandbox', () => {
    const { login } = readConfig({ ...LOGIN, LOGIN_ISSUER: 'http://127.0.0.1:9' });
    expect(login?.issuer).toBe('http://127.0.0.1:9');
  });
});
