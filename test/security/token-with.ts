import { decodeJwt, decodeProtectedHeader, importJWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import type { TestServer } from '../setup/test-server.ts';

/** The header of a call with a token as `who` gets it, but with these scopes. */
export function withScopes(server: TestServer, who: string, scopes: readonly string[]) {
  return withClaims(server, who, { scope: scopes.join(' ') });
}

/** The same with any other claims. */
export async function withClaims(
  server: TestServer,
  who: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<{ readonly Authorization: string }> {
  const token = await server.token(who);
  const { tokenKey } = await openSandboxKeys(server.dataDir);
  const changed = await new SignJWT({ ...decodeJwt(token), ...claims })
    .setProtectedHeader(decodeProtectedHeader(token) as JWTHeaderParameters)
    .sign(await importJWK(tokenKey, 'ES384'));
  return { Authorization: `Bearer ${changed}` };
}
