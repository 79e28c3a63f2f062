import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { LoginSettings } from '../../src/login-settings.ts';

export const CLIENT_ID = 'akkoord-at-the-provider';
const SECRET = 'a secret between the two';

/** How an ID token is made, where it is not as it should be. */
export interface TokenPlan {
  /** Claims in the place of the right ones; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Another key signs, under the name of the right one. */
  readonly foreignKey?: boolean;
  /** Done with the finished token. */
  readonly bend?: (token: string, publicKey: object) => string;
}

/** What the token endpoint says. */
interface Said {
  readonly status: number;
  readonly body: object;
}

/** An OpenID provider that says whatever a test wants said. */
export interface HostileProvider {
  readonly issuer: string;
  readonly settings: LoginSettings;
  /** What it was asked at its token endpoint. */
  readonly asked: readonly string[];
  /** Has the token endpoint answer like this, from now on. */
  say(said: Said): void;
  /** Is out of order, or in order again. */
  fail(failing: boolean): void;
  /** An ID token for an attempt to sign in, right but for the plan. */
  idToken(nonce: string, bsn: string, plan?: TokenPlan): Promise<string>;
  close(): Promise<void>;
}

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

export async function openHostileProvider(): Promise<HostileProvider> {
  const keys = await generateKeyPair('ES384', { extractable: true });
  const foreign = await generateKeyPair('ES384', { extractable: true });
  const publicKey = { ...(await exportJWK(keys.publicKey)), kid: 'right', alg: 'ES384', use: 'sig' };
  const asked: string[] = [];
  let isFailing = false;
  let said: Said = { status: 400, body: { error: 'invalid_grant' } };
  const http = createServer((request, response) => {
    void answerTo(request).then(({ status, body }) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  async function answerTo(request: IncomingMessage): Promise<Said> {
    if (isFailing) return { status: 502, body: {} };
    if (request.url === '/.well-known/openid-configuration') return { status: 200, body: metadataOf(issuer) };
    if (request.url === '/keys') return { status: 200, body: { keys: [publicKey] } };
    let text = '';
    for await (const part of request) text += String(part);
    asked.push(text);
    return said;
  }

  return {
    issuer,
    settings: settingsOf(issuer),
    asked,
    say: (next) => (said = next),
    fail: (failing) => (isFailing = failing),
    idToken: (nonce, bsn, plan = {}) => {
      const claims = { ...rightClaims(issuer, nonce, bsn), ...plan.claims };
      return makeToken(plan, claims, plan.foreignKey === true ? foreign : keys, publicKey);
    },
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

function metadataOf(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    // It says that it would sign with anything, to see what is believed.
    id_token_signing_alg_values_supported: ['ES384', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  };
}

function settingsOf(issuer: string): LoginSettings {
  return {
    issuer,
    clientId: CLIENT_ID,
    credential: { secret: SECRET },
    scope: 'openid',
    bsnClaim: 'bsn',
    levels: new Map([
      ['http://eidas.europa.eu/LoA/substantial', 'substantial'],
      ['http://eidas.europa.eu/LoA/high', 'high'],
    ]),
  };
}

function rightClaims(issuer: string, nonce: string, bsn: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: CLIENT_ID,
    sub: randomUUID(),
    nonce,
    acr: 'http://eidas.europa.eu/LoA/substantial',
    auth_time: now,
    iat: now,
    exp: now + 60,
    bsn,
  };
}

async function makeToken(plan: TokenPlan, claims: object, keys: Keys, publicKey: object): Promise<string> {
  const token = await new SignJWT(JSON.parse(JSON.stringify(claims)) as Record<string, unknown>)
    .setProtectedHeader({ alg: 'ES384', kid: 'right', ...plan.header })
    .sign(keys.privateKey);
  return plan.bend?.(token, publicKey) ?? token;
}

/** The same token with another header, signed in another way, or not at all. */
export function resigned(token: string, header: object, key?: string | Buffer): string {
  const [, payload = ''] = token.split('.');
  const signed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
  return `${signed}.${key === undefined ? '' : createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** The secret by which the server proves itself at the provider, which an attacker may not sign with. */
export const CLIENT_SECRET = SECRET;
