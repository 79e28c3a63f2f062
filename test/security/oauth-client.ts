import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT, type CryptoKey } from 'jose';
import type { ClientRow } from '../../src/storage/client.ts';
import { changeClient } from '../http/registered-client.ts';
import type { Answer, TestServer } from '../setup/test-server.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const CHECK = 'akkoord/consent.check';

/** A key pair of a client. */
export interface ClientKey {
  readonly privateKey: CryptoKey;
  /** The public half, as it is registered. */
  readonly jwk: JWK;
  readonly alg: string;
}

export async function newKey(alg = 'ES384', kid: string = randomUUID()): Promise<ClientKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Registers this key for a sandbox client; returns what undoes it. */
export function registerKey(server: TestServer, id: string, key: ClientKey, changes: Partial<ClientRow> = {}) {
  return changeClient(server, id, { jwks: { keys: [key.jwk] }, ...changes });
}

/** Changes to an assertion that is otherwise right. */
export interface AssertionChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  /** Undefined leaves a claim out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A client assertion as SMART Backend Services wants it, or with something wrong. */
export function assertionOf(
  server: Pick<TestServer, 'baseUrl'>,
  id: string,
  key: ClientKey,
  { header = {}, claims = {} }: AssertionChanges = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const right = { iss: id, sub: id, aud: `${server.baseUrl}/oauth/token`, jti: randomUUID(), exp: now + 120 };
  return new SignJWT({ ...right, ...claims })
    .setProtectedHeader({ alg: key.alg, typ: 'JWT', kid: key.jwk.kid ?? '', ...header })
    .sign(key.privateKey);
}

/** What the addresses below `/oauth` answer. */
export interface OauthBody {
  readonly access_token?: string;
  readonly token_type?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly active?: boolean;
  readonly error?: string;
  readonly [name: string]: unknown;
}

/** Posts a form below `/oauth`. */
export function post(
  server: TestServer,
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<OauthBody>> {
  return server.ask<OauthBody>(`/oauth/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

/** The form by which a client proves itself. */
export function proving(assertion: string): Record<string, string> {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
}

/** Asks for a token with this assertion. */
export function askToken(
  server: TestServer,
  assertion: string,
  {
    scope = CHECK,
    headers = {},
  }: { readonly scope?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer<OauthBody>> {
  return post(server, 'token', { grant_type: 'client_credentials', scope, ...proving(assertion) }, headers);
}
