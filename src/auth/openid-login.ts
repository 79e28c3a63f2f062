import { importJWK, type JWK } from 'jose';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type ClientAuth,
  ClientError,
  ClientSecretBasic,
  type Configuration,
  customFetch,
  type CustomFetch,
  discovery,
  enableNonRepudiationChecks,
  PrivateKeyJwt,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  ResponseBodyError,
} from 'openid-client';
import { type Problem, problem } from '../problem.ts';

/** How sure it is who signed in: https://eur-lex.europa.eu/eli/reg_impl/2015/1502/oj. What is lower opens nothing. */
export type Assurance = 'substantial' | 'high';

/** At which OpenID provider citizens sign in, and as which client of it. */
export interface LoginProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly credential: { readonly secret: string } | { readonly key: JWK };
  readonly scope: string;
  /** The claim of the ID token that holds the BSN. */
  readonly bsnClaim: string;
  /** What each accepted value of `acr` stands for. */
  readonly levels: ReadonlyMap<string, Assurance>;
  /** Where the provider sends the browser back to. */
  readonly callback: string;
  /** For the sandbox: the provider may be reached without TLS. */
  readonly allowHttp: boolean;
  /** How the provider is reached, where its own address does not lead there from here. */
  readonly fetch?: CustomFetch;
}

/** What one browser must bring back: all three are secret to it. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who signed in, as the provider says it. */
export interface VerifiedLogin {
  /** As it stands in the claim: not known to be a BSN. */
  readonly bsn: string;
  /** Absent: too low, or not said. */
  readonly assurance?: Assurance;
}

/** Sign-in at an OpenID provider: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth */
export interface OpenidLogin {
  /** @returns where to send the browser. @throws Problem unavailable */
  start(): Promise<{ readonly address: URL; readonly secrets: LoginSecrets }>;
  /**
   * @param query what the browser came back with, as it stands in the address
   * @throws Problem forbidden when it is not what this browser was sent for, or not signed by the provider; unavailable
   */
  finish(query: string, secrets: LoginSecrets): Promise<VerifiedLogin>;
}

/** Seconds in which the provider must answer, and since which the citizen may have signed in there. */
const PATIENCE = 10;
const MOST_AGE = 15 * 60;
/** How long what the provider says about itself is believed, in milliseconds. */
const METADATA_LIFE = 3_600_000;

export function createLogin(provider: LoginProvider): OpenidLogin {
  const configuration = rememberFor(METADATA_LIFE, () => discover(provider));
  return {
    async start() {
      const secrets = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const address = buildAuthorizationUrl(await configuration(), {
        redirect_uri: provider.callback,
        scope: provider.scope,
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
        acr_values: [...provider.levels.keys()].join(' '),
        // Nobody is signed in because somebody was, at the same computer, before.
        prompt: 'login',
        max_age: String(MOST_AGE),
      });
      return { address, secrets };
    },
    async finish(query, secrets) {
      const config = await configuration();
      const tokens = await authorizationCodeGrant(config, new URL(query, provider.callback), {
        expectedState: secrets.state,
        expectedNonce: secrets.nonce,
        pkceCodeVerifier: secrets.verifier,
        maxAge: MOST_AGE,
        idTokenExpected: true,
      }).catch((cause: unknown) => {
        throw failure(cause);
      });
      return loginOf(provider, tokens.claims() ?? {});
    },
  };
}

/** The library leaves the signature to TLS unless it is asked to verify it, so it is asked. */
async function discover({
  issuer,
  clientId,
  credential,
  allowHttp,
  ...provider
}: LoginProvider): Promise<Configuration> {
  const execute = allowHttp ? [enableNonRepudiationChecks, allowInsecureRequests] : [enableNonRepudiationChecks];
  const fetch = provider.fetch === undefined ? {} : { [customFetch]: provider.fetch };
  const options = { execute, timeout: PATIENCE, ...fetch };
  return discovery(new URL(issuer), clientId, undefined, await clientAuth(credential), options).catch(
    (cause: unknown) => {
      throw unreachable(cause);
    },
  );
}

async function clientAuth(credential: LoginProvider['credential']): Promise<ClientAuth> {
  if ('secret' in credential) return ClientSecretBasic(credential.secret);
  const key = await importJWK(credential.key);
  if (key instanceof Uint8Array) throw new Error('the key of the sign-in is no private key');
  return PrivateKeyJwt(credential.key.kid === undefined ? key : { key, kid: credential.key.kid });
}

/** What fails is not remembered: the next citizen tries again. */
function rememberFor<T>(life: number, make: () => Promise<T>): () => Promise<T> {
  let made: { readonly value: Promise<T>; readonly until: number } | undefined;
  return () => {
    if (made !== undefined && made.until > Date.now()) return made.value;
    const value = make();
    const current = { value, until: Date.now() + life };
    made = current;
    value.catch(() => {
      if (made === current) made = undefined;
    });
    return value;
  };
}

function loginOf({ bsnClaim, levels }: LoginProvider, claims: Readonly<Record<string, unknown>>): VerifiedLogin {
  const { [bsnClaim]: bsn, acr } = claims;
  if (typeof bsn !== 'string') throw refused();
  const assurance = typeof acr === 'string' ? levels.get(acr) : undefined;
  return assurance === undefined ? { bsn } : { bsn, assurance };
}

/** Codes of the library that say that the provider did not answer as a provider does. */
const OUT_OF_ORDER = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

function failure(cause: unknown): Problem {
  if (cause instanceof AuthorizationResponseError && cause.error === 'access_denied') {
    return problem('forbidden', 'sign-in-cancelled', 'The sign-in was cancelled.', undefined, cause);
  }
  const isDown =
    cause instanceof TypeError ||
    (cause instanceof ClientError && OUT_OF_ORDER.has(cause.code ?? '')) ||
    (cause instanceof ResponseBodyError && cause.status >= 500);
  return isDown ? unreachable(cause) : refused(cause);
}

function refused(cause?: unknown): Problem {
  return problem('forbidden', 'sign-in-refused', 'The sign-in does not count. Begin again.', undefined, cause);
}

function unreachable(cause: unknown): Problem {
  return problem('unavailable', 'sign-in-unavailable', 'Signing in is not possible now.', undefined, cause);
}
