import { z } from 'zod';
import { type Environment, isGiven, isJson, required } from './environment.ts';

/** At which OpenID provider citizens sign in. */
export interface LoginSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** One of the two. The key is a private JSON Web Key, as text. */
  readonly credential: { readonly secret: string } | { readonly key: string };
  readonly scope: string;
  /** The claim of the ID token that holds the BSN. */
  readonly bsnClaim: string;
  /** What each value of `acr` that is high enough stands for. */
  readonly levels: ReadonlyMap<string, 'substantial' | 'high'>;
}

const WORDS = z.string().transform((text) => text.split(' ').filter((word) => word !== ''));

const LOGIN = z.object({
  LOGIN_ISSUER: z.url({ protocol: /^https?$/ }),
  LOGIN_CLIENT_ID: z.string(),
  LOGIN_SCOPE: z.string().default('openid'),
  LOGIN_BSN_CLAIM: z.string().default('bsn'),
  LOGIN_ACR_SUBSTANTIAL: WORDS.default(['http://eidas.europa.eu/LoA/substantial']),
  LOGIN_ACR_HIGH: WORDS.default(['http://eidas.europa.eu/LoA/high']),
});

/** Where citizens sign in; nothing without a LOGIN_ISSUER. What is wrong leaves one sentence each in `wrong`. */
export function readLogin(env: Environment, sandbox: boolean, wrong: string[]): { readonly login?: LoginSettings } {
  if (env['LOGIN_ISSUER'] === undefined) return {};
  const credential = readCredential(env, wrong);
  const read = LOGIN.safeParse(env);
  if (!read.success) {
    wrong.push(...read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`));
    return {};
  }
  const { LOGIN_ISSUER: issuer, LOGIN_CLIENT_ID: clientId, LOGIN_SCOPE: scope, LOGIN_BSN_CLAIM: bsnClaim } = read.data;
  if (!issuer.startsWith('https:') && !sandbox) wrong.push('LOGIN_ISSUER must begin with https outside the sandbox.');
  const substantial = read.data.LOGIN_ACR_SUBSTANTIAL.map((acr) => [acr, 'substantial'] as const);
  const high = read.data.LOGIN_ACR_HIGH.map((acr) => [acr, 'high'] as const);
  return { login: { issuer, clientId, credential, scope, bsnClaim, levels: new Map([...substantial, ...high]) } };
}

/** A private key, with its algorithm. */
const PRIVATE_KEY = z.looseObject({ kty: z.string(), alg: z.string(), d: z.string() });

function readCredential(env: Environment, wrong: string[]): LoginSettings['credential'] {
  const meaning = 'what this server proves itself by at LOGIN_ISSUER, unless LOGIN_CLIENT_KEY does';
  if (!isGiven(env, 'LOGIN_CLIENT_KEY')) return { secret: required(env, 'LOGIN_CLIENT_SECRET', meaning, wrong) ?? '' };
  if (isGiven(env, 'LOGIN_CLIENT_SECRET'))
    wrong.push('LOGIN_CLIENT_KEY and LOGIN_CLIENT_SECRET are both given: leave one out.');
  const key = required(env, 'LOGIN_CLIENT_KEY', meaning, wrong) ?? '';
  if (key !== '' && !isJson(key, PRIVATE_KEY))
    wrong.push('LOGIN_CLIENT_KEY must be a private JSON Web Key with its alg.');
  return { key };
}
