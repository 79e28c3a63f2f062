import { decodeJwt, decodeProtectedHeader } from 'jose';

/** Longest assertion that is looked at, in characters. */
const LONGEST_ASSERTION = 8192;
/** Longest time that an assertion may still live, in seconds. */
const LONGEST_LIFE = 300;
/** How far the client's clock may be ahead, in seconds. */
const CLOCK_TOLERANCE = 5;
/** https://hl7.org/fhir/smart-app-launch/backend-services.html and the type that RFC 7523bis gives these assertions. */
const TYPES: readonly unknown[] = ['JWT', 'client-authentication+jwt'];
/** What a header may say; `crit` and everything that brings a key along is not among it (RFC 8725). */
const HEADER = new Set(['alg', 'typ', 'kid']);
/** What an id of a client may look like. */
export const CLIENT_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Whether a text could be a client assertion at all, so that nothing larger or stranger reaches a parser of signatures. */
export function looksLikeAssertion(text: string | undefined): text is string {
  if (text === undefined || text.length > LONGEST_ASSERTION) return false;
  try {
    const { sub } = decodeJwt(text);
    return typeof decodeProtectedHeader(text).alg === 'string' && typeof sub === 'string' && CLIENT_ID.test(sub);
  } catch {
    return false;
  }
}

/** Name of the key that an assertion says it is signed with. */
export function keyIdOf(assertion: unknown): string | undefined {
  if (typeof assertion !== 'string' || !looksLikeAssertion(assertion)) return undefined;
  const { kid } = decodeProtectedHeader(assertion);
  return typeof kid === 'string' ? kid : undefined;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * What is wrong with an assertion whose signature holds; nothing when it is as SMART Backend Services wants it. Stricter than
 * the library, which accepts every type, lists of audiences, and a life of years.
 * @param audiences what it may be meant for
 * @param now seconds
 */
export function assertionFault(
  header: Claims,
  claims: Claims,
  { audiences, now }: { readonly audiences: readonly string[]; readonly now: number },
): string | undefined {
  const { iss, sub, aud, exp, iat, nbf, jti } = claims;
  if (Object.keys(header).some((name) => !HEADER.has(name))) return 'header';
  if (!TYPES.includes(header['typ'])) return 'type';
  if (typeof header['kid'] !== 'string' || header['kid'] === '') return 'key id';
  if (typeof sub !== 'string' || iss !== sub) return 'issuer';
  if (typeof aud !== 'string' || !audiences.includes(aud)) return 'audience';
  if (typeof jti !== 'string' || jti === '') return 'id';
  if (typeof exp !== 'number' || exp <= now || exp - now > LONGEST_LIFE) return 'expiry';
  const moments = [iat, nbf].filter((moment) => moment !== undefined);
  const isPast = moments.every((moment) => typeof moment === 'number' && moment <= now + CLOCK_TOLERANCE);
  return isPast ? undefined : 'moment';
}
