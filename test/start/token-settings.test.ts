import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, readConfig } from '../../src/config.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });

const SECRETS = {
  SANDBOX: 'false',
  BASE_URL: 'https://akkoord.example',
  BSN_HASH_KEY: Buffer.alloc(32, 1).toString('base64'),
  BSN_CIPHER_KEY: Buffer.alloc(32, 2).toString('base64'),
  VAULT_KEY: Buffer.alloc(32, 3).toString('base64'),
};
const ISSUER = {
  TOKEN_ISSUER: 'https://issuer.example',
  TOKEN_AUDIENCE: 'https://akkoord.example/fhir',
  TOKEN_JWKS: JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }),
};

describe('the tokens that count', () => {
  it.each([
    { who: 'those of the built-in server alone', env: { AUTHORIZATION_SERVER: 'true' }, server: true, external: false },
    { who: 'those of an issuer alone', env: ISSUER, server: false, external: true },
    { who: 'those of both', env: { AUTHORIZATION_SERVER: 'true', ...ISSUER }, server: true, external: true },
  ])('are $who', ({ env, server, external }) => {
    const config = readConfig({ ...SECRETS, ...env });
    expect(config.authorizationServer).toBe(server);
    expect(config.tokens !== undefined).toBe(external);
  });

  it('are those of the built-in server in the sandbox', () => {
    expect(readConfig({}).authorizationServer).toBe(true);
  });

  it('say what by the names that an issuer has for it', () => {
    const { TOKEN_JWKS, ...issuer } = ISSUER;
    const { tokens } = readConfig({
      ...SECRETS,
      ...issuer,
      TOKEN_JWKS_URL: 'https://issuer.example/jwks',
      TOKEN_CLIENT_CLAIM: 'azp',
      TOKEN_BSN_CLAIM: 'urn:bsn',
      TOKEN_ACR_SUBSTANTIAL: 'digid:20 urn:substantial',
    });
    expect(TOKEN_JWKS).toContain('keys');
    expect(tokens).toMatchObject({
      keys: { url: 'https://issuer.example/jwks' },
      claims: { client: 'azp', bsn: 'urn:bsn', assurance: 'acr' },
    });
    expect([...(tokens?.levels ?? [])]).toEqual(['digid:20', 'urn:substantial', 'http://eidas.europa.eu/LoA/high']);
  });
});

describe('one sentence tells', () => {
  const production = { ...SECRETS, ...ISSUER };
  it.each([
    {
      wrong: 'nobody whose tokens count',
      env: { ...production, TOKEN_ISSUER: '', TOKEN_AUDIENCE: '', TOKEN_JWKS: '' },
      said: /^No access token would count: /,
    },
    {
      wrong: 'an issuer without an audience',
      env: { ...production, TOKEN_AUDIENCE: '' },
      said: /^TOKEN_AUDIENCE \(or TOKEN_AUDIENCE_FILE\) is missing: /,
    },
    {
      wrong: 'keys in two places',
      env: { ...production, TOKEN_JWKS_URL: 'https://issuer.example/jwks' },
      said: /^TOKEN_JWKS and TOKEN_JWKS_URL are both given/,
    },
    {
      wrong: 'keys that come without TLS',
      env: { ...production, TOKEN_JWKS: '', TOKEN_JWKS_URL: 'http://issuer.example/jwks' },
      said: /^TOKEN_JWKS_URL must be an https address\.$/,
    },
    { wrong: 'a proxy that is no address', env: { TRUSTED_PROXIES: 'proxy.example' }, said: /^TRUSTED_PROXIES: / },
    { wrong: 'a subnet that is none', env: { TRUSTED_PROXIES: '10.0.0.0/33' }, said: /^TRUSTED_PROXIES: / },
  ])('$wrong', ({ env, said }) => {
    expect(sentencesFor(env)).toEqual([expect.stringMatching(said)]);
  });

  it('and says nothing about settings that are right', () => {
    expect(sentencesFor(production)).toEqual([]);
    expect(readConfig({ TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies).toEqual(['10.0.0.0/8', '::1']);
  });
});

function sentencesFor(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
}
