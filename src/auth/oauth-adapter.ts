import type { Adapter, AdapterPayload } from 'oidc-provider';
import { type AccessTokenRow, deleteAccessToken, findAccessToken, insertAccessToken } from '../storage/access-token.ts';
import { findClient, type KnownClient } from '../storage/client.ts';
import type { Sql } from '../storage/database.ts';
import { useId } from '../storage/used-id.ts';
import type { ClientCounts } from './caller.ts';
import type { FindClientKeys } from './client-keys.ts';
import { digestOf } from './digest.ts';

/** What the library's models are kept in: the rows of this register. */
export interface OauthStore {
  readonly sql: Sql;
  readonly findKeys: FindClientKeys;
  readonly counts: ClientCounts;
  /** What every token is for. */
  readonly audience: string;
  /** The key id in the assertion that is being looked at. */
  readonly keyId: () => string | undefined;
  /** When the client that asks was registered as it is known to the library. */
  readonly changedAt: () => number;
  /** The error for what proves nothing any more. */
  readonly outdated: (what: string) => Error;
}

/** A proof may be dated so far ahead (seconds): it is remembered that much longer. */
const AHEAD = 300;

/** Registered scopes, and when that was, as properties of our own of the library's client. */
export const REGISTERED_SCOPES = 'registered_scopes';
export const REGISTERED_AT = 'registered_at';

/** One adapter for each model of the library: clients, tokens and used ids; of others there are none. */
export function oauthAdapter(store: OauthStore): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return { ...NOTHING, find: (id) => findClientMetadata(store, id) };
    if (model === 'ClientCredentials') return tokenAdapter(store);
    return model === 'ReplayDetection'
      ? { ...NOTHING, upsert: (id, payload, life) => use(store, id, payload, life) }
      : NOTHING;
  };
}

const nothing = () => Promise.resolve(undefined);
const NOTHING: Adapter = {
  upsert: nothing,
  find: nothing,
  findByUserCode: nothing,
  findByUid: nothing,
  consume: nothing,
  destroy: nothing,
  revokeByGrantId: nothing,
};

/** A client that does not count is none. */
async function findClientMetadata({ sql, findKeys, counts, keyId }: OauthStore, id: string) {
  const client = await findClient(sql, id);
  return client !== undefined && counts(client) ? metadataOf(client, await findKeys(client, keyId())) : undefined;
}

function metadataOf({ id, binding, scopes, changedAt }: KnownClient, keys: object[]): AdapterPayload {
  return {
    client_id: id,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    id_token_signed_response_alg: 'ES384',
    dpop_bound_access_tokens: binding === 'dpop',
    tls_client_certificate_bound_access_tokens: binding === 'mtls',
    jwks: { keys },
    [REGISTERED_SCOPES]: scopes.join(' '),
    [REGISTERED_AT]: changedAt,
  };
}

/** The library's id of a token is the token itself, which is stored nowhere. */
function tokenAdapter({ sql, audience, changedAt, outdated }: OauthStore): Adapter {
  return {
    ...NOTHING,
    async upsert(id, payload, lifetime = 0) {
      const given = await insertAccessToken(sql, digestOf(id), tokenOf(payload), { lifetime, changedAt: changedAt() });
      if (!given) throw outdated('registered anew');
    },
    find: async (id) => {
      const token = await findAccessToken(sql, digestOf(id));
      return token === undefined ? undefined : { ...payloadOf(id, token), aud: audience };
    },
    destroy: (id) => deleteAccessToken(sql, digestOf(id)),
  };
}

function tokenOf(payload: AdapterPayload): Omit<AccessTokenRow, 'issuedAt' | 'expiresAt'> {
  const { clientId = '', scope = '', jkt, 'x5t#S256': certificateThumbprint } = payload;
  return {
    clientId,
    scopes: scope.split(' '),
    ...(jkt === undefined ? {} : { keyThumbprint: jkt }),
    ...(certificateThumbprint === undefined ? {} : { certificateThumbprint }),
  };
}

function payloadOf(id: string, token: AccessTokenRow): AdapterPayload {
  return {
    kind: 'ClientCredentials',
    jti: id,
    clientId: token.clientId,
    scope: token.scopes.join(' '),
    iat: Math.floor(token.issuedAt / 1000),
    exp: Math.floor(token.expiresAt / 1000),
    ...(token.keyThumbprint === undefined ? {} : { jkt: token.keyThumbprint }),
    ...(token.certificateThumbprint === undefined ? {} : { 'x5t#S256': token.certificateThumbprint }),
  };
}

/** The library looks first and writes later, between which another process may do the same: what is written decides. */
async function use(
  { sql, outdated }: OauthStore,
  id: string,
  { iss = '' }: AdapterPayload,
  lifetime = 0,
): Promise<void> {
  if (!(await useId(sql, { issuer: iss, digest: digestOf(id), lifetime: lifetime + AHEAD })))
    throw outdated('used before');
}
