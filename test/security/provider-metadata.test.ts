import { createLogin, type LoginProvider } from '../../src/auth/openid-login.ts';

const ISSUER = 'https://login.example';

/** What a provider says about itself, at the address of the one that is configured. */
function providerThatSays(issuer: string): LoginProvider {
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['ES384'],
    code_challenge_methods_supported: ['S256'],
  };
  return {
    issuer: ISSUER,
    clientId: 'akkoord',
    credential: { secret: 'secret' },
    scope: 'openid',
    bsnClaim: 'bsn',
    levels: new Map([['high', 'high']]),
    callback: 'https://akkoord.example/login/callback',
    allowHttp: false,
    fetch: () => Promise.resolve(Response.json(metadata)),
  };
}

describe('what a provider says about itself', () => {
  it.each(['https://elsewhere.example', `${ISSUER}.evil.example`, `${ISSUER}/other`, 'http://login.example'])(
    'is not believed when it is about %s',
    async (issuer) => {
      const login = createLogin(providerThatSays(issuer));
      await expect(login.start()).rejects.toMatchObject({
        kind: 'unavailable',
        issues: [{ code: 'sign-in-unavailable' }],
      });
    },
  );

  it('is believed when it is about the one that was meant', async () => {
    const { address } = await createLogin(providerThatSays(ISSUER)).start();
    expect(address.href).toMatch(/^https:\/\/login\.example\/auth\?/);
  });
});
