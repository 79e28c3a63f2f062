import { problem } from '../problem.ts';
import { findClient } from '../storage/client.ts';
import type { Sql } from '../storage/database.ts';
import type { VerifyToken } from './access-token.ts';
import type { Caller, ClientRole } from './caller.ts';
import { intersectScopes, parseScopes } from './scopes.ts';

/** Finds out who calls, from the `Authorization` header. @throws Problem unauthenticated */
export type Identify = (authorization: string | undefined) => Promise<Caller>;

/** Longest token that is looked at, in characters. */
const LONGEST_TOKEN = 8192;
const ROLES: readonly string[] = ['holder', 'exchange', 'auditor', 'admin'] satisfies ClientRole[];

/** Every call proves itself: the token is verified, then the registry says what the client is. */
export function createIdentify(sql: Sql, verify: VerifyToken): Identify {
  return async (authorization) => {
    const claims = await verify(bearerToken(authorization));
    if (claims.kind === 'citizen') {
      const patientKey = Buffer.from(claims.subject, 'base64url');
      if (patientKey.length !== 32) throw problem('unauthenticated', 'invalid-token', 'The access token is not valid.');
      return { role: 'citizen', patientKey, scopes: claims.scopes };
    }
    const client = await findClient(sql, claims.subject);
    if (client?.active !== true || !isRole(client.role)) {
      throw problem('unauthenticated', 'unknown-client', 'This client is not registered.');
    }
    const organisation = client.ura === undefined ? {} : { ura: client.ura };
    const scopes = intersectScopes(claims.scopes, parseScopes(client.scopes));
    return { role: client.role, clientId: client.id, scopes, ...organisation };
  };
}

/** RFC 6750 section 2.1: the header only, never a query parameter or a form. */
function bearerToken(authorization: string | undefined): string {
  const match = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? '');
  const token = match?.[1];
  if (token === undefined || token.length > LONGEST_TOKEN) {
    throw problem('unauthenticated', 'token-missing', 'An access token is needed: Authorization: Bearer …');
  }
  return token;
}

function isRole(role: string): role is ClientRole {
  return ROLES.includes(role);
}
