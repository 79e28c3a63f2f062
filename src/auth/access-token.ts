import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { Problem, problem } from '../problem.ts';
import { keysUnavailable } from './issuer-keys.ts';
import { parseScopes, type Scopes } from './scopes.ts';

/** Which claims of an issuer's tokens say what. */
export interface ClaimNames {
  /** The client that calls. */
  readonly client: string;
  /** The citizen that calls, by BSN; or by pseudonym: the keyed hash of the BSN, base64url. A token with either is a citizen's. */
  readonly bsn?: string;
  readonly pseudonym?: string;
  /** How sure the issuer is of the citizen. */
  readonly assurance: string;
}

/** An issuer whose tokens are believed. */
export interface TokenTrust {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  readonly claims: ClaimNames;
  /** Assurance levels at which a citizen is let in: what the issuer calls `substantial` and `high` of eIDAS. */
  readonly levels: ReadonlySet<string>;
  /** The pseudonym of a BSN; nothing when it is none. */
  readonly pseudonymOf: (bsn: string) => Buffer | undefined;
}

/** What a verified access token says. */
export interface TokenClaims {
  readonly bearer: { readonly clientId: string } | { readonly patientKey: Buffer };
  readonly scopes: Scopes;
  /** Milliseconds: from then on it is not believed. */
  readonly expiresAt: number;
  /** Thumbprint of the key it is bound to (RFC 9449), or of the certificate (RFC 8705). */
  readonly keyThumbprint?: string;
  readonly certificateThumbprint?: string;
}

export type VerifyToken = (token: string) => Promise<TokenClaims>;

/** Signature algorithms of SMART Backend Services. */
const ALGORITHMS = ['ES384', 'RS384'];
/** Longest life of an access token that is believed, in seconds. */
const LONGEST_LIFE = 3600;
const CLOCK_TOLERANCE = 5;
/** Faults of the issuer's address of keys, not of the token. */
const KEY_FAULTS: readonly string[] = [errors.JWKSInvalid.code, errors.JOSEError.code];

/**
 * A verifier for access tokens of one issuer (RFC 9068). The library checks neither type, audience nor required claims
 * unless asked, so everything is asked for here.
 */
export function createTokenVerifier(trust: TokenTrust): VerifyToken {
  return async (token) => {
    const { payload } = await jwtVerify(token, trust.keys, {
      algorithms: ALGORITHMS,
      issuer: trust.issuer,
      audience: trust.audience,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'jti', 'scope'],
      clockTolerance: CLOCK_TOLERANCE,
    }).catch((cause: unknown) => {
      throw cause instanceof Problem ? cause : faultOf(cause);
    });
    refuseUnlikely(payload);
    const { scope, cnf, exp = 0 } = payload;
    const said = { scopes: scopesOf(scope), expiresAt: exp * 1000, ...bindingOf(cnf) };
    return { bearer: bearerOf(trust, payload), ...said };
  };
}

function faultOf(cause: unknown): Problem {
  if (!(cause instanceof errors.JOSEError) || !KEY_FAULTS.includes(cause.code)) return invalidToken(cause);
  return keysUnavailable(cause);
}

/** What the library lets pass: a list of audiences, the tolerance at the end of a life, a long life, an empty id. */
function refuseUnlikely({ aud, exp = 0, iat = 0, jti }: JWTPayload): void {
  const now = Date.now() / 1000;
  if (typeof aud !== 'string' || typeof jti !== 'string' || jti === '') throw invalidToken();
  if (exp <= now || exp - iat > LONGEST_LIFE || iat > now + CLOCK_TOLERANCE) throw invalidToken();
}

/** Whose token it is. One that names a citizen is a citizen's, and needs an assurance level of at least substantial. */
function bearerOf({ claims, levels, pseudonymOf }: TokenTrust, payload: JWTPayload): TokenClaims['bearer'] {
  const bsn = claimOf(payload, claims.bsn);
  const pseudonym = claimOf(payload, claims.pseudonym);
  if (bsn === undefined && pseudonym === undefined) {
    const clientId = claimOf(payload, claims.client);
    if (typeof clientId !== 'string' || clientId === '') throw invalidToken();
    return { clientId };
  }
  const level = claimOf(payload, claims.assurance);
  if (typeof level !== 'string' || !levels.has(level)) {
    throw problem('unauthenticated', 'assurance-too-low', 'The citizen is not known well enough for this.');
  }
  const patientKey = typeof bsn === 'string' ? pseudonymOf(bsn) : keyOf(pseudonym);
  if (patientKey === undefined) throw invalidToken();
  return { patientKey };
}

function claimOf(payload: JWTPayload, name: string | undefined): unknown {
  return name !== undefined && Object.hasOwn(payload, name) ? payload[name] : undefined;
}

function keyOf(pseudonym: unknown): Buffer | undefined {
  const key = Buffer.from(typeof pseudonym === 'string' ? pseudonym : '', 'base64url');
  return key.length === 32 ? key : undefined;
}

function scopesOf(scope: unknown): Scopes {
  if (typeof scope !== 'string') throw invalidToken();
  return parseScopes(scope.split(' '));
}

/** https://www.rfc-editor.org/rfc/rfc7800 : a confirmation of a kind that is not known here cannot be honoured. */
function bindingOf(cnf: unknown): Pick<TokenClaims, 'keyThumbprint' | 'certificateThumbprint'> {
  if (cnf === undefined) return {};
  const { jkt, 'x5t#S256': x5t, ...unknown } = (cnf ?? {}) as Record<string, unknown>;
  const given = [jkt, x5t].filter((thumbprint) => thumbprint !== undefined);
  const isKnown =
    given.length > 0 && given.every((one) => typeof one === 'string') && Object.keys(unknown).length === 0;
  if (!isKnown) throw invalidToken();
  return {
    ...(typeof jkt === 'string' ? { keyThumbprint: jkt } : {}),
    ...(typeof x5t === 'string' ? { certificateThumbprint: x5t } : {}),
  };
}

export function invalidToken(cause?: unknown): Problem {
  return problem('unauthenticated', 'invalid-token', 'The access token is not valid.', undefined, cause);
}
