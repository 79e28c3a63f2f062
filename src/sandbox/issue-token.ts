import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import type { ClaimNames } from '../auth/access-token.ts';
import { BsnVault } from '../consent/bsn-vault.ts';
import type { SandboxKeys } from './keys.ts';
import { CITIZEN_SCOPES, SANDBOX_CLIENTS } from './people.ts';

export const SANDBOX_ISSUER = 'https://akkoord.example/sandbox';
export const SANDBOX_AUDIENCE = 'https://akkoord.example/fhir';
/** What the claims of its tokens say. */
export const SANDBOX_CLAIMS: ClaimNames = { client: 'client_id', pseudonym: 'akkoord_citizen', assurance: 'acr' };
/** Assurance levels that let a citizen in: https://eur-lex.europa.eu/eli/reg_impl/2015/1502/oj */
export const SANDBOX_LEVELS: ReadonlySet<string> = new Set([
  'http://eidas.europa.eu/LoA/substantial',
  'http://eidas.europa.eu/LoA/high',
]);
/** As sure as DigiD Substantieel. */
const ASSURANCE = 'http://eidas.europa.eu/LoA/substantial';
/** Seconds. */
const LIFE = 3600;

/**
 * An access token for a sandbox client, as the built-in issuer signs it.
 * @throws Error when there is no such client.
 */
export function clientToken(keys: SandboxKeys, clientId: string): Promise<string> {
  const client = SANDBOX_CLIENTS.find((candidate) => candidate.id === clientId);
  if (client === undefined) throw new Error(`There is no sandbox client with that name.`);
  return sign(keys, { client_id: client.id, scope: client.scopes.join(' ') }, client.id);
}

/** An access token for a citizen. The BSN itself is not in it: the subject is the citizen's pseudonym. */
export function citizenToken(keys: SandboxKeys, bsn: string): Promise<string> {
  const vault = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
  const subject = vault.keyOf(bsn).toString('base64url');
  return sign(keys, { akkoord_citizen: subject, acr: ASSURANCE, scope: CITIZEN_SCOPES.join(' ') }, subject);
}

async function sign(keys: SandboxKeys, claims: Record<string, string>, subject: string): Promise<string> {
  // One reading of the clock: two could lie in two seconds, and the token would live longer than any is believed.
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES384', typ: 'at+jwt', kid: keys.tokenKey.kid ?? '' })
    .setIssuer(SANDBOX_ISSUER)
    .setAudience(SANDBOX_AUDIENCE)
    .setSubject(subject)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + LIFE)
    .sign(await importJWK(keys.tokenKey, 'ES384'));
}
