import { hash } from 'node:crypto';
import type { VerifyToken } from './access-token.ts';

/** How long a verification counts, in milliseconds: no longer than an issuer that has withdrawn a key may be believed. */
const LIFE = 60_000;
/** Most tokens that are remembered, by their digests; the one that was verified longest ago is forgotten first. */
const MOST = 10_000;

/**
 * The same verifier, that verifies a token once and believes it until it expires, for a minute at most. What its client may do
 * is asked anew for every call.
 * @param now milliseconds
 */
export function verifyOnce(verify: VerifyToken, now: () => number = Date.now): VerifyToken {
  const verified = new Map<string, { readonly claims: Awaited<ReturnType<VerifyToken>>; readonly until: number }>();
  return async (token) => {
    const digest = hash('sha256', token, 'base64');
    const known = verified.get(digest);
    if (known !== undefined && now() < known.until) return known.claims;
    verified.delete(digest);
    const claims = await verify(token);
    verified.set(digest, { claims, until: Math.min(claims.expiresAt, now() + LIFE) });
    if (verified.size > MOST) verified.delete(verified.keys().next().value ?? '');
    return claims;
  };
}
