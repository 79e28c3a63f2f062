import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { problem } from '../problem.ts';
import { parseScopes, type Scopes } from './scopes.ts';

export interface TokenTrust {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: JSONWebKeySet;
}

/** What a verified access token says. */
export interface TokenClaims {
  readonly subject: string;
  readonly kind: 'client' | 'citizen';
  readonly scopes: Scopes;
}

export type VerifyToken = (token: string) => Promise<TokenClaims>;

/** Signature algorithms of SMART Backend Services. */
const ALGORITHMS = ['ES384', 'RS384'];
/** Longest life of an access token that is believed, in seconds. */
const LONGEST_LIFE = 3600;
const CLOCK_TOLERANCE = 5;

/**
 * A verifier for access tokens of one issuer (RFC 9068). The library checks neither type, audience nor required claims
 * unless asked, so everything is asked for here.
 */
export function createTokenVerifier(trust: TokenTrust): VerifyToken {
  const keys = createLocalJWKSet(trust.jwks);
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer: trust.issuer,
      audience: trust.audience,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'scope', 'akkoord_kind'],
      clockTolerance: CLOCK_TOLERANCE,
    }).catch((cause: unknown) => {
      throw invalidToken(cause);
    });
    return claims(payload);
  };
}

function claims(payload: JWTPayload): TokenClaims {
  const { sub, scope, exp, iat, akkoord_kind: kind } = payload;
  if (typeof sub !== 'string' || typeof scope !== 'string' || exp === undefined || iat === undefined)
    throw invalidToken();
  if (kind !== 'client' && kind !== 'citizen') throw invalidToken();
  if (exp - iat > LONGEST_LIFE || iat > Date.now() / 1000 + CLOCK_TOLERANCE) throw invalidToken();
  return { subject: sub, kind, scopes: parseScopes(scope.split(' ')) };
}

function invalidToken(cause?: unknown) {
  return problem('unauthenticated', 'invalid-token', 'The access token is not valid.', undefined, cause);
}
