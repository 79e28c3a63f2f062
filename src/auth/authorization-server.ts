import { generateKeyPairSync, type X509Certificate } from 'node:crypto';
import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from '../log.ts';
import type { Sql } from '../storage/database.ts';
import type { ClientCounts } from './caller.ts';
import { assertionFault, keyIdOf, looksLikeAssertion } from './client-assertion.ts';
import type { FindClientKeys } from './client-keys.ts';
import { PROOF_ALGORITHMS } from './dpop-proof.ts';
import { loadProvider, type OidcProvider } from './load-provider.ts';
import { oauthAdapter, REGISTERED_AT, REGISTERED_SCOPES } from './oauth-adapter.ts';
import { intersectScopes, parseScopes, writeScopes } from './scopes.ts';

/** What can be asked of the authorisation server, each at an address of its own below `/oauth`. */
export type OauthAction = 'token' | 'introspect' | 'revoke';

/** A request, as far as the authorisation server may see it. */
export interface OauthRequest {
  readonly action: OauthAction;
  readonly requestId: string;
  readonly socket: Socket;
  /** As it came: a form. */
  readonly body: Buffer;
  readonly headers: Readonly<Partial<Record<'content-type' | 'authorization' | 'dpop', string>>>;
  /** The certificate the caller showed, when one is to be believed. */
  readonly certificate?: X509Certificate;
}

/** What became of a request, to be recorded before it is answered. */
export interface OauthOutcome {
  readonly action: OauthAction;
  readonly requestId: string;
  readonly status: number;
  /** The client, once it has proved who it is. */
  readonly clientId?: string;
  /** An error code of RFC 6749. */
  readonly error?: string;
}

export interface AuthorizationServerParts {
  readonly sql: Sql;
  readonly log: Log;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly findKeys: FindClientKeys;
  readonly counts: ClientCounts;
  /** @throws when it cannot be recorded: then nothing is given out */
  readonly record: (outcome: OauthOutcome) => Promise<void>;
}

export interface AuthorizationServer {
  answer(request: OauthRequest, response: ServerResponse): Promise<void>;
}

/** Life of an access token, in seconds. https://hl7.org/fhir/smart-app-launch/backend-services.html */
const TOKEN_LIFE = 300;
/** How far clocks may differ, in seconds. */
const CLOCK_TOLERANCE = 5;
export const CLIENT_ALGORITHMS: readonly ['ES384', 'RS384'] = ['ES384', 'RS384'];
const TARGETS = { token: '/token', introspect: '/introspect', revoke: '/revoke' } as const;

/** The issuer of the built-in authorisation server, which its addresses lie below. */
export function issuerOf(baseUrl: string): string {
  return `${baseUrl}/oauth`;
}

/**
 * The built-in authorisation server of SMART Backend Services: client_credentials with private_key_jwt, introspection
 * (RFC 7662) and revocation (RFC 7009) on `oidc-provider`. Of a request it sees what `answer` hands it, never its own
 * headers: addresses come from the configuration, not from `Host`.
 */
export async function createAuthorizationServer(parts: AuthorizationServerParts): Promise<AuthorizationServer> {
  const library = await loadProvider();
  const asked = new WeakMap<IncomingMessage, OauthRequest>();
  const questionOf = (ctx: KoaContextWithOIDC | undefined) => ctx && asked.get(ctx.req);
  const provider = new library.Provider(issuerOf(parts.baseUrl), configuration(parts, library, questionOf));
  // What it believes of a proxy is what `handedOn` writes.
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => {
    parts.log.error('the authorisation server failed', { cause: error.stack ?? error.name });
  });
  provider.use(async (ctx, next) => {
    const question = asked.get(ctx.req);
    if (question !== undefined) await answerAndRecord(parts, question, ctx as KoaContextWithOIDC, next);
  });
  const handle = provider.callback();
  return {
    async answer(request, response) {
      const message = handedOn(parts.baseUrl, request);
      asked.set(message, request);
      await handle(message, response);
    },
  };
}

/** Nothing leaves unrecorded, and a fault of ours is one the caller may try again. */
async function answerAndRecord(
  { record, log }: AuthorizationServerParts,
  { action, requestId, body }: OauthRequest,
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  const assertion = new URLSearchParams(body.toString('latin1')).get('client_assertion') ?? undefined;
  if (looksLikeAssertion(assertion)) await next();
  else refuse(ctx, 401, 'invalid_client', 'client authentication failed');
  if (ctx.status >= 500) refuse(ctx, 503, 'temporarily_unavailable', 'the request cannot be answered now');
  const { error } = (ctx.body ?? {}) as { readonly error?: string };
  const clientId = ctx.status === 401 ? undefined : (ctx as Partial<KoaContextWithOIDC>).oidc?.client?.clientId;
  const proved = clientId === undefined ? {} : { clientId };
  await record({ action, requestId, status: ctx.status, ...proved, ...(error === undefined ? {} : { error }) }).catch(
    (cause: unknown) => {
      log.error('audit record could not be written', { cause: cause instanceof Error ? cause.name : 'unknown' });
      refuse(ctx, 503, 'temporarily_unavailable', 'the request cannot be answered now');
    },
  );
}

function refuse(ctx: KoaContextWithOIDC, status: number, error: string, description: string): void {
  ctx.status = status;
  ctx.body = { error, error_description: description };
  ctx.set('Cache-Control', 'no-store');
  if (status === 503) ctx.set('Retry-After', '1');
}

type Ask = (ctx: KoaContextWithOIDC | undefined) => OauthRequest | undefined;

function configuration(parts: AuthorizationServerParts, library: OidcProvider, ask: Ask): Configuration {
  const { baseUrl, sql, findKeys, counts } = parts;
  const current = () => library.Provider.ctx;
  const audience = `${baseUrl}/fhir`;
  const assertion = () => new URLSearchParams(ask(current())?.body.toString('latin1')).get('client_assertion');
  return {
    adapter: oauthAdapter({
      sql,
      findKeys,
      counts,
      audience,
      keyId: () => keyIdOf(assertion()),
      changedAt: () => Number(current()?.oidc.client?.[REGISTERED_AT]),
      outdated: (what) => new library.errors.InvalidClientAuth(what),
    }),
    routes: { token: TARGETS.token, introspection: TARGETS.introspect, revocation: TARGETS.revoke },
    // The library wants a key for id tokens, of which it gives none: this one lives and dies with the process.
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' })] },
    clientAuthMethods: ['private_key_jwt'],
    responseTypes: [],
    scopes: [],
    enabledJWA: {
      clientAuthSigningAlgValues: [...CLIENT_ALGORITHMS],
      dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
      idTokenSigningAlgValues: ['ES384'],
    },
    extraClientMetadata: { properties: [REGISTERED_SCOPES, REGISTERED_AT] },
    clientBasedCORS: () => false,
    clockTolerance: CLOCK_TOLERANCE,
    ttl: { ClientCredentials: TOKEN_LIFE },
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims, header) => {
      const audiences = [issuerOf(baseUrl), `${issuerOf(baseUrl)}${TARGETS.token}`];
      const fault = assertionFault(header, claims, { audiences, now: Date.now() / 1000 });
      if (fault !== undefined) throw new library.errors.InvalidClientAuth(fault);
    },
    features: features(audience, library, ask),
  };
}

function features(audience: string, library: OidcProvider, ask: Ask): NonNullable<Configuration['features']> {
  const isOwn = (_ctx: unknown, client: { clientId: string }, token: { clientId?: string | undefined }) =>
    token.clientId === client.clientId;
  return {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: isOwn },
    revocation: { enabled: true, allowedPolicy: isOwn },
    dPoP: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      getCertificate: (ctx) => ask(ctx)?.certificate,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: (ctx, resource, client) => {
        if (resource !== audience) throw new library.errors.InvalidTarget();
        const params = ctx.oidc.params ?? {};
        const scope = granted(params['scope'], client[REGISTERED_SCOPES]);
        if (scope === '') throw nothingGranted(library);
        // The library gives a scope out as it was asked for, or not at all: so it is asked for as it is given.
        params['scope'] = scope;
        return { scope, audience, accessTokenTTL: TOKEN_LIFE, accessTokenFormat: 'opaque' };
      },
    },
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
  };
}

/** The library's own error of this kind would repeat what was asked for. */
function nothingGranted({ errors }: OidcProvider): Error {
  return new errors.CustomOIDCProviderError('invalid_scope', 'no requested scope is registered for this client');
}

/** What was asked for, as far as the client is registered for it. */
function granted(asked: unknown, registered: unknown): string {
  const [one, other] = [asked, registered].map((words) =>
    parseScopes(typeof words === 'string' ? words.split(' ') : []),
  );
  return one && other ? writeScopes(intersectScopes(one, other)).join(' ') : '';
}

/** The request as the library reads it: the form, the few headers that mean something to it, and our own address. */
function handedOn(baseUrl: string, { action, socket, body, headers }: OauthRequest): IncomingMessage {
  const issuer = new URL(issuerOf(baseUrl));
  const message = new IncomingMessage(socket);
  message.complete = true;
  message.method = 'POST';
  message.url = TARGETS[action];
  message.headers = {
    ...headers,
    host: issuer.host,
    'x-forwarded-proto': issuer.protocol.slice(0, -1),
    'content-length': String(body.length),
  };
  Object.assign(message, { originalUrl: `${issuer.pathname}${TARGETS[action]}` });
  message.push(body);
  message.push(null);
  return message;
}
