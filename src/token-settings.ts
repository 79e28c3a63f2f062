import { z } from 'zod';
import type { ClaimNames } from './auth/access-token.ts';
import { type Environment, isGiven, isJson, required } from './environment.ts';

/** An issuer of one's own, whose access tokens are accepted. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Its public keys: a JSON Web Key Set as text, or the address of one. */
  readonly keys: { readonly jwks: string } | { readonly url: string };
  readonly claims: ClaimNames;
  /** What its tokens call the assurance levels that are enough: substantial and high. */
  readonly levels: ReadonlySet<string>;
}

const NO_ISSUER =
  'No access token would count: set AUTHORIZATION_SERVER=true for the built-in authorisation server, or TOKEN_ISSUER, TOKEN_AUDIENCE and TOKEN_JWKS (or TOKEN_JWKS_URL) for an issuer of your own.';

const NAMES = ['TOKEN_ISSUER', 'TOKEN_AUDIENCE', 'TOKEN_JWKS', 'TOKEN_JWKS_URL'];

/** The external issuer, if there is one; a server that would accept nobody's tokens is not started. */
export function readTokenSettings(
  env: Environment,
  isServer: boolean,
  wrong: string[],
): { readonly tokens?: TokenIssuer } {
  if (!NAMES.some((name) => isGiven(env, name))) {
    if (!isServer) wrong.push(NO_ISSUER);
    return {};
  }
  return {
    tokens: {
      issuer: required(env, 'TOKEN_ISSUER', 'the issuer of the access tokens', wrong) ?? '',
      audience: required(env, 'TOKEN_AUDIENCE', 'the audience the access tokens must name', wrong) ?? '',
      keys: readKeys(env, wrong),
      ...readClaims(env),
    },
  };
}

function readKeys(env: Environment, wrong: string[]): TokenIssuer['keys'] {
  const url = env['TOKEN_JWKS_URL'];
  if (url === undefined) return { jwks: keySet(env, 'TOKEN_JWKS', wrong) };
  if (isGiven(env, 'TOKEN_JWKS')) wrong.push('TOKEN_JWKS and TOKEN_JWKS_URL are both given: leave one out.');
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') wrong.push('TOKEN_JWKS_URL must be an https address.');
  return { url };
}

/** A set of public keys, in which a private one has no business. */
const KEY_SET = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), d: z.never().optional() })).min(1),
});

function keySet(env: Environment, name: string, wrong: string[]): string {
  const text = required(env, name, 'the JSON Web Key Set of the issuer', wrong) ?? '';
  if (text !== '' && !isJson(text, KEY_SET)) wrong.push(`${name} must be a JSON Web Key Set of public keys.`);
  return text;
}

const WORDS = z.string().transform((text) => text.split(' ').filter((word) => word !== ''));

const CLAIMS = z.object({
  TOKEN_CLIENT_CLAIM: z.string().default('client_id'),
  TOKEN_BSN_CLAIM: z.string().optional(),
  TOKEN_PSEUDONYM_CLAIM: z.string().optional(),
  TOKEN_ACR_CLAIM: z.string().default('acr'),
  TOKEN_ACR_SUBSTANTIAL: WORDS.default(['http://eidas.europa.eu/LoA/substantial']),
  TOKEN_ACR_HIGH: WORDS.default(['http://eidas.europa.eu/LoA/high']),
});

function readClaims(env: Environment): Pick<TokenIssuer, 'claims' | 'levels'> {
  const read = CLAIMS.parse(env);
  const { TOKEN_BSN_CLAIM: bsn, TOKEN_PSEUDONYM_CLAIM: pseudonym } = read;
  return {
    claims: {
      client: read.TOKEN_CLIENT_CLAIM,
      assurance: read.TOKEN_ACR_CLAIM,
      ...(bsn === undefined ? {} : { bsn }),
      ...(pseudonym === undefined ? {} : { pseudonym }),
    },
    levels: new Set([...read.TOKEN_ACR_SUBSTANTIAL, ...read.TOKEN_ACR_HIGH]),
  };
}
