import type { ClientMetadata, Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { loadProvider } from '../auth/load-provider.ts';
import type { LoginProvider } from '../auth/openid-login.ts';
import type { BsnVault } from '../consent/bsn-vault.ts';
import type { Log } from '../log.ts';
import { renderPage } from '../portal/page.ts';
import { DIGID_LEVELS } from './digid-page.ts';
import { deriveBytes, deriveSigningKey } from './derived-keys.ts';
import { forgetfulAdapter } from './forgetful-adapter.ts';
import type { SandboxKeys } from './keys.ts';

/** What the stand-in for DigiD is made of. */
export interface DigidParts {
  /** Of the server, without a slash at its end. */
  readonly baseUrl: string;
  readonly keys: SandboxKeys;
  readonly vault: BsnVault;
  readonly log: Log;
}

export const DIGID_PATH = '/sandbox/digid';
const CLIENT_ID = 'akkoord';
const BSN_CLAIM = 'bsn';
const PURPOSE = 'sandbox digid';
/** Seconds: a citizen may take minutes on the page; a code, and what is given for it, is used at once. */
const LIVES = { Interaction: 600, Session: 600, Grant: 600, AuthorizationCode: 60, AccessToken: 60, IdToken: 60 };

/** The OpenID provider at which citizens of the sandbox sign in: https://openid.net/specs/openid-connect-core-1_0.html */
export async function createDigid(parts: DigidParts): Promise<Provider> {
  const library = await loadProvider();
  const provider = new library.Provider(`${parts.baseUrl}${DIGID_PATH}`, configuration(parts));
  // What it believes of a proxy is what `digid-routes.ts` writes.
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => {
    parts.log.error('the sandbox has no sign-in now', { cause: error.stack ?? error.name });
  });
  return provider;
}

/** The same provider, as the server that sends citizens there sees it. */
export function digidLogin({ baseUrl, keys }: DigidParts, reachable: LoginProvider['fetch']): LoginProvider {
  const levels = {
    'http://eidas.europa.eu/LoA/substantial': 'substantial',
    'http://eidas.europa.eu/LoA/high': 'high',
  } as const;
  return {
    issuer: `${baseUrl}${DIGID_PATH}`,
    clientId: CLIENT_ID,
    credential: { secret: clientSecret(keys) },
    scope: 'openid',
    bsnClaim: BSN_CLAIM,
    levels: new Map(Object.entries(levels)),
    callback: `${baseUrl}/login/callback`,
    allowHttp: true,
    ...(reachable === undefined ? {} : { fetch: reachable }),
  };
}

/** Who signed in, as the provider may keep it: nobody but this register can read it. */
export function accountOf(vault: BsnVault, bsn: string): string {
  return vault.sealText(PURPOSE, bsn);
}

function configuration(parts: DigidParts): Configuration {
  const { keys, vault } = parts;
  return {
    adapter: forgetfulAdapter(),
    clients: [ourClient(parts)],
    jwks: { keys: [deriveSigningKey(keys, 'digid signature', 'digid')] },
    enabledJWA: { idTokenSigningAlgValues: ['ES384'] },
    acrValues: [...new Set(DIGID_LEVELS.map(({ acr }) => acr))],
    claims: { acr: null, auth_time: null, iss: null, openid: ['sub', BSN_CLAIM] },
    // The BSN is in the ID token, which is signed, and is asked for nowhere else.
    conformIdTokenClaims: false,
    scopes: ['openid'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    interactions: { url: (_ctx, { uid }) => `${DIGID_PATH}/interaction/${uid}` },
    cookies: {
      keys: [deriveBytes(keys, 'digid cookies').toString('base64url')],
      long: { httpOnly: true, sameSite: 'lax', path: DIGID_PATH },
    },
    ttl: LIVES,
    // There is no session to go with: each sign-in begins with nobody.
    expiresWithSession: () => false,
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => claimsOf(vault, accountId) }),
    loadExistingGrant: grantAll,
    renderError,
  };
}

function ourClient({ baseUrl, keys }: DigidParts): ClientMetadata {
  return {
    client_id: CLIENT_ID,
    client_secret: clientSecret(keys),
    redirect_uris: [`${baseUrl}/login/callback`],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'ES384',
  };
}

/** A page that tells nothing of the request. */
function renderError(ctx: KoaContextWithOIDC): void {
  const body = `<p role="alert">Inloggen is afgebroken. Begin opnieuw.</p>
<p lang="en">Signing in has ended. Please begin again.</p>
<p><a href="/">Akkoord</a></p>`;
  const { html, policy } = renderPage({ language: 'nl', title: 'De nagemaakte DigiD', body });
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', policy);
  ctx.body = html;
}

/** The subject is this provider's own name for the citizen. */
function claimsOf(vault: BsnVault, accountId: string) {
  const bsn = vault.openText(PURPOSE, accountId);
  return { sub: vault.hashText(PURPOSE, bsn).toString('base64url'), [BSN_CLAIM]: bsn };
}

/** There is one client, and it is ours: nobody is asked whether it may know who they are. */
async function grantAll({ oidc }: KoaContextWithOIDC) {
  const { accountId } = oidc.session ?? {};
  const clientId = oidc.client?.clientId;
  if (accountId === undefined || clientId === undefined) return undefined;
  const grant = new oidc.provider.Grant({ accountId, clientId });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

function clientSecret(keys: SandboxKeys): string {
  return deriveBytes(keys, 'digid client').toString('base64url');
}
