import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

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
  return createRemoteJWKSet(new URL(url), { timeoutDuration: PATIENCE });
}
