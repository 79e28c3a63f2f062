import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { problem } from '../problem.ts';
import { digestOf } from './digest.ts';

/** Signature algorithms of proofs: asymmetric ones only (RFC 9449 section 11.6). */
export const PROOF_ALGORITHMS: readonly ['ES384', 'RS384', 'ES256'] = ['ES384', 'RS384', 'ES256'];
/** Longest proof that is looked at, in characters. */
const LONGEST_PROOF = 8192;
/** How far the moment of a proof may lie from now, either way, in seconds. */
const WINDOW = 60;

/** A proof that is right by itself; it counts once, and only for a token that is bound to its key. */
export interface VerifiedProof {
  /** SHA-256 thumbprint of its key (RFC 7638). */
  readonly keyThumbprint: string;
  /** SHA-256 of its id. */
  readonly digest: Buffer;
  /** How long its id has to be remembered, in seconds. */
  readonly lifetime: number;
}

/** What a proof must have been made for. */
export interface ProvedRequest {
  readonly method: string;
  /** Address of the request, without query. */
  readonly url: string;
  readonly token: string;
}

/**
 * Verifies a proof of possession (RFC 9449 section 4.3). The library checks signature, type, algorithm and that the key in the
 * header is a public one; the rest is asked for here.
 * @throws Problem unauthenticated
 */
export async function verifyProof(proof: string, request: ProvedRequest): Promise<VerifiedProof> {
  if (proof.length > LONGEST_PROOF) throw invalidProof();
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    algorithms: [...PROOF_ALGORITHMS],
    typ: 'dpop+jwt',
    requiredClaims: ['iat', 'jti', 'htm', 'htu', 'ath'],
  }).catch((cause: unknown) => {
    throw invalidProof(cause);
  });
  const { iat, jti, htm, htu, ath } = payload;
  const isRecent = iat !== undefined && Math.abs(Date.now() / 1000 - iat) <= WINDOW;
  const isOfRequest = htm === request.method && addressOf(htu) === addressOf(request.url);
  const isOfToken = ath === digestOf(request.token).toString('base64url');
  if (!isRecent || !isOfRequest || !isOfToken || typeof jti !== 'string' || jti === '') throw invalidProof();
  const keyThumbprint = await calculateJwkThumbprint(protectedHeader.jwk ?? {});
  return { keyThumbprint, digest: digestOf(jti), lifetime: 2 * WINDOW };
}

/** Without query and fragment, spelled in the one way of https://url.spec.whatwg.org. */
function addressOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

export function invalidProof(cause?: unknown) {
  return problem('unauthenticated', 'invalid-proof', 'The DPoP proof is not valid.', undefined, cause);
}
