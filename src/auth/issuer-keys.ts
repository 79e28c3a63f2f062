import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { type Problem, problem } from '../problem.ts';

/** Milliseconds. */
const PATIENCE = 5_000;

/** The keys of an issuer, by value. A name that two of them share verifies nothing. */
export function keysByValue(jwks: JSONWebKeySet): JWTVerifyGetKey {
  return createLocalJWKSet(jwks);
}

/**
 * The keys of an issuer at an address: fetched when they are needed, and again when a token names another (RFC 7517). The
 * operator names the address, which may lie within the own network: so it is called as it is.
 */
export function keysByUrl(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), { timeoutDuration: PATIENCE, [customFetch]: fetchKeys });
}

/** That they cannot be had is no fault of the token. @throws Problem unavailable */
async function fetchKeys(...[url, options]: Parameters<FetchImplementation>): Promise<Response> {
  return fetch(url, options).catch((cause: unknown) => {
    throw keysUnavailable(cause);
  });
}

export function keysUnavailable(cause: unknown): Problem {
  return problem('unavailable', 'issuer-keys', 'Tokens cannot be verified now.', undefined, cause);
}
