import type { X509Certificate } from 'node:crypto';
import { problem } from '../problem.ts';
import { findTokenWithProof } from '../storage/access-token.ts';
import type { KnownClient } from '../storage/client.ts';
import type { Sql } from '../storage/database.ts';
import { useId } from '../storage/used-id.ts';
import type { TogetherObserver } from '../together.ts';
import { invalidToken, type TokenClaims, type VerifyToken } from './access-token.ts';
import type { Caller, ClientCounts, ClientRole } from './caller.ts';
import { certificateThumbprint, type ReadCertificate } from './client-certificate.ts';
import { digestOf } from './digest.ts';
import { type LookUps, lookUpTogether } from './look-up-together.ts';
import { intersectScopes, parseScopes, type Scopes } from './scopes.ts';
import { invalidProof, type VerifiedProof, verifyProof } from './dpop-proof.ts';

/** What a request says about who makes it. */
export interface Credentials {
  readonly method: string;
  /** Its address, as the configuration spells it, without query. */
  readonly url: string;
  /** Address at the other end of the connection. */
  readonly peer: string | undefined;
  readonly headers: Readonly<Partial<Record<'authorization' | 'dpop' | 'clientCert', string>>>;
}

/** Finds out who calls. @throws Problem unauthenticated */
export type Identify = (credentials: Credentials) => Promise<Caller>;

export interface IdentifyParts {
  readonly sql: Sql;
  /** Verifies tokens that are JWTs. Absent: none is believed. */
  readonly verify?: VerifyToken;
  readonly readCertificate: ReadCertificate;
  readonly counts: ClientCounts;
  readonly observer?: TogetherObserver;
}

type OpenParts = IdentifyParts & { readonly lookUps: LookUps };

/** A token as it was presented, with the proof and the certificate that came along. */
interface Presented {
  readonly token: string;
  /** Of the scheme `DPoP` only. */
  readonly proof?: VerifiedProof;
  readonly certificate?: X509Certificate;
}

/** Longest token that is looked at, in characters. */
const LONGEST_TOKEN = 8192;
const ROLES: readonly string[] = ['holder', 'exchange', 'auditor', 'admin'] satisfies ClientRole[];

/**
 * Every call proves itself. A token of the built-in authorisation server is found together with its client, in one statement;
 * one that is a JWT is verified, and then the registry says what the client is.
 */
export function createIdentify(given: IdentifyParts): Identify {
  const parts = { ...given, lookUps: lookUpTogether(given.sql, given.observer) };
  return async (credentials) => {
    const presented = await presentedBy(parts, credentials);
    if (!presented.token.includes('.')) return bearerOfOpaque(parts, presented);
    if (parts.verify === undefined) throw invalidToken();
    return bearerOfJwt(parts, await parts.verify(presented.token), presented);
  };
}

async function bearerOfOpaque({ sql, counts, lookUps }: OpenParts, presented: Presented): Promise<Caller> {
  const { token, proof } = presented;
  const digest = digestOf(token);
  const found = proof === undefined ? await lookUps.token(digest) : await findTokenWithProof(sql, digest, proof);
  if (found === undefined) throw invalidToken();
  refuseUnbound(found.token, presented);
  if ('fresh' in found && found.fresh === false) throw invalidProof();
  return callerOf(counts, found.client, parseScopes(found.token.scopes), found.token);
}

async function bearerOfJwt({ sql, counts, lookUps }: OpenParts, claims: TokenClaims, presented: Presented) {
  refuseUnbound(claims, presented);
  const { bearer, scopes } = claims;
  const caller: Caller =
    'patientKey' in bearer
      ? { role: 'citizen', patientKey: bearer.patientKey, scopes }
      : callerOf(counts, await lookUps.client(bearer.clientId), scopes, claims);
  const { proof } = presented;
  if (proof === undefined) return caller;
  const use = { issuer: proof.keyThumbprint, digest: proof.digest, lifetime: proof.lifetime };
  if (!(await useId(sql, use))) throw invalidProof();
  return caller;
}

type Binding = Pick<TokenClaims, 'keyThumbprint' | 'certificateThumbprint'>;

/** A token that is bound counts only with what it is bound to, and the scheme `DPoP` only for one that is. */
function refuseUnbound(binding: Binding, { proof, certificate }: Presented): void {
  if (binding.keyThumbprint !== proof?.keyThumbprint) throw proof === undefined ? invalidToken() : invalidProof();
  const shown = certificate === undefined ? undefined : certificateThumbprint(certificate);
  if (binding.certificateThumbprint !== undefined && binding.certificateThumbprint !== shown) throw invalidToken();
}

/** A client is what the registry says, may what it says at most, and its tokens are bound as it says. */
function callerOf(counts: ClientCounts, client: KnownClient | undefined, granted: Scopes, binding: Binding): Caller {
  if (client === undefined || !counts(client) || !isRole(client.role)) {
    throw problem('unauthenticated', 'unknown-client', 'This client is not registered.');
  }
  const isBound = { none: true, dpop: binding.keyThumbprint, mtls: binding.certificateThumbprint }[client.binding];
  if (isBound === undefined) throw invalidToken();
  const organisation = client.ura === undefined ? {} : { ura: client.ura };
  const scopes = allowedBy(granted, client.scopes);
  return { role: client.role, clientId: client.id, scopes, ...organisation };
}

const worked = new WeakMap<Scopes, { readonly words: string; readonly scopes: Scopes }>();

/** What a token and the registry allow together; worked out once for a token, as long as the registry says the same. */
function allowedBy(granted: Scopes, registered: readonly string[]): Scopes {
  const words = registered.join(' ');
  const known = worked.get(granted);
  if (known?.words === words) return known.scopes;
  const scopes = intersectScopes(granted, parseScopes(registered));
  worked.set(granted, { words, scopes });
  return scopes;
}

/** RFC 6750 section 2.1 and RFC 9449 section 7.1: the header only, never a query parameter or a form. */
async function presentedBy({ readCertificate }: IdentifyParts, credentials: Credentials): Promise<Presented> {
  const { method, url, peer, headers } = credentials;
  const [, scheme = '', token = ''] =
    /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === '' || token.length > LONGEST_TOKEN) {
    throw problem('unauthenticated', 'token-missing', 'An access token is needed: Authorization: Bearer …');
  }
  const certificate = readCertificate(peer, headers.clientCert);
  const shown = certificate === undefined ? { token } : { token, certificate };
  if (scheme.toLowerCase() === 'bearer') return shown;
  if (headers.dpop === undefined) throw invalidProof();
  return { ...shown, proof: await verifyProof(headers.dpop, { method, url, token }) };
}

function isRole(role: string): role is ClientRole {
  return ROLES.includes(role);
}
