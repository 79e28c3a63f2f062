import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import { issuerOf } from '../auth/authorization-server.ts';
import { deriveSigningKey } from './derived-keys.ts';
import type { SandboxKeys } from './keys.ts';

/** Seconds. */
const LIFE = 240;

function keyOf(keys: SandboxKeys, clientId: string): JWK {
  return deriveSigningKey(keys, `client ${clientId}`, `sandbox-${clientId}`);
}

/** The public key that a sandbox client is registered with, as a key set. */
export function clientKeySet(keys: SandboxKeys, clientId: string): { keys: JWK[] } {
  const { d: privatePart, ...publicKey } = keyOf(keys, clientId);
  return { keys: privatePart === undefined ? [] : [publicKey] };
}

/**
 * A client assertion, good for one token: https://hl7.org/fhir/smart-app-launch/backend-services.html
 * @param baseUrl of the server, without a slash at its end
 */
export async function signAssertion(keys: SandboxKeys, clientId: string, baseUrl: string): Promise<string> {
  const key = keyOf(keys, clientId);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: key.kid ?? '' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${issuerOf(baseUrl)}/token`)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + LIFE)
    .sign(await importJWK(key, 'ES384'));
}
