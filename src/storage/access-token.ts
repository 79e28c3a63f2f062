import { CLIENT_COLUMNS, type KnownClient, type RawClient, readClientRow } from './client.ts';
import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** An access token of the built-in authorisation server, without the token itself. */
export interface AccessTokenRow {
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** SHA-256 thumbprint of the key its bearer must prove (RFC 9449), base64url. */
  readonly keyThumbprint?: string;
  /** SHA-256 thumbprint of the certificate its bearer must show (RFC 8705), base64url. */
  readonly certificateThumbprint?: string;
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A token that counts, with the client it was given to as it is registered now. */
export interface KnownToken {
  readonly digest: Buffer;
  readonly token: Pick<AccessTokenRow, 'scopes' | 'keyThumbprint' | 'certificateThumbprint'>;
  readonly client: KnownClient;
}

/** The proof that goes along with a token (RFC 9449): it counts once. */
export interface UsedProof {
  readonly keyThumbprint: string;
  /** SHA-256 of its id. */
  readonly digest: Buffer;
  /** How long it is remembered, in seconds. */
  readonly lifetime: number;
}

interface RawToken {
  readonly client_id: string;
  readonly scopes: string[];
  readonly key_thumbprint: string | null;
  readonly certificate_thumbprint: string | null;
  readonly issued_at: number;
  readonly expires_at: number;
}

interface RawKnown extends RawClient {
  readonly digest: Buffer;
  readonly token_scopes: string[];
  readonly key_thumbprint: string | null;
  readonly certificate_thumbprint: string | null;
}

// Who registers the client anew is waited for, or waits: either this token is not given out, or it ends with the others.
const INSERT_TOKEN = `
  insert into access_token (digest, client_id, scopes, key_thumbprint, certificate_thumbprint, issued_at, expires_at)
  select $1, id, $3, $4, $5, now, now + make_interval(secs => $6)
  from client, date_trunc('milliseconds', clock_timestamp()) as now
  where id = $2 and date_trunc('milliseconds', changed_at) = $7 for share of client`;

const FIND_TOKEN = `
  select client_id, scopes, key_thumbprint, certificate_thumbprint, issued_at, expires_at
  from access_token where digest = $1 and expires_at > clock_timestamp()`;

const COLUMNS = `
  select t.digest, ${CLIENT_COLUMNS}, t.scopes as token_scopes, t.key_thumbprint, t.certificate_thumbprint
  from access_token as t join client as c on c.id = t.client_id
  where t.expires_at > clock_timestamp()`;

const KNOWN = `${COLUMNS} and t.digest = any($1::bytea[])`;

// A proof is remembered only beside a token that is bound to its key, so that nobody else can fill the table.
const KNOWN_WITH_PROOF = `
  with known as (${COLUMNS} and t.digest = $1),
  used as (
    insert into used_id (issuer, digest, expires_at)
    select $2, $3, clock_timestamp() + make_interval(secs => $4) from known where key_thumbprint = $2
    on conflict do nothing returning true)
  select known.*, exists (select from used) as fresh from known`;

const DELETE_TOKEN = 'delete from access_token where digest = $1';
const DELETE_OF_CLIENT = 'delete from access_token where client_id = $1';
const DELETE_EXPIRED = 'delete from access_token where expires_at <= clock_timestamp()';

/**
 * @param lifetime in seconds
 * @param changedAt when its client was registered as it was when it proved itself
 * @returns false when the client has been registered anew since
 */
export async function insertAccessToken(
  sql: Sql,
  digest: Buffer,
  token: Omit<AccessTokenRow, 'issuedAt' | 'expiresAt'>,
  { lifetime, changedAt }: { readonly lifetime: number; readonly changedAt: number },
): Promise<boolean> {
  const { clientId, scopes, keyThumbprint = null, certificateThumbprint = null } = token;
  const values = [digest, clientId, scopes, keyThumbprint, certificateThumbprint, lifetime, timestamp(changedAt)];
  return (await sql.query(INSERT_TOKEN, values)).rowCount === 1;
}

/** The token with this SHA-256 digest, unless it has expired or was revoked. */
export async function findAccessToken(sql: Sql, digest: Buffer): Promise<AccessTokenRow | undefined> {
  const { rows } = await sql.query<RawToken>(FIND_TOKEN, [digest]);
  return rows.map((raw) => ({
    clientId: raw.client_id,
    scopes: raw.scopes,
    ...bindingOf(raw),
    issuedAt: raw.issued_at,
    expiresAt: raw.expires_at,
  }))[0];
}

/** The tokens with these digests that count, and their clients, in any order: no call waits for a second statement. */
export async function findKnownTokens(sql: Sql, digests: readonly Buffer[]): Promise<KnownToken[]> {
  const { rows } = await sql.query<RawKnown>(KNOWN, [digests], 'find-known-tokens');
  return rows.map(readKnown);
}

/** The same, when a proof goes along. `fresh` is false for a proof that was used before, or is of another key. */
export async function findTokenWithProof(
  sql: Sql,
  digest: Buffer,
  proof: UsedProof,
): Promise<(KnownToken & { readonly fresh: boolean }) | undefined> {
  const values = [digest, proof.keyThumbprint, proof.digest, proof.lifetime];
  const { rows } = await sql.query<RawKnown & { fresh: boolean }>(KNOWN_WITH_PROOF, values, 'find-token-with-proof');
  return rows.map(({ fresh, ...raw }) => ({ ...readKnown(raw), fresh }))[0];
}

export async function deleteAccessToken(sql: Sql, digest: Buffer): Promise<void> {
  await sql.query(DELETE_TOKEN, [digest]);
}

/** Every token of a client: what it was given before counts no more. */
export async function deleteTokensOf(sql: Sql, clientId: string): Promise<void> {
  await sql.query(DELETE_OF_CLIENT, [clientId]);
}

export async function deleteExpiredTokens(sql: Sql): Promise<void> {
  await sql.query(DELETE_EXPIRED);
}

function readKnown(raw: RawKnown): KnownToken {
  const { digest, token_scopes: scopes, key_thumbprint, certificate_thumbprint, ...client } = raw;
  return {
    digest,
    token: { scopes, ...bindingOf({ key_thumbprint, certificate_thumbprint }) },
    client: readClientRow(client),
  };
}

function bindingOf(raw: Pick<RawToken, 'key_thumbprint' | 'certificate_thumbprint'>) {
  return {
    ...(raw.key_thumbprint === null ? {} : { keyThumbprint: raw.key_thumbprint }),
    ...(raw.certificate_thumbprint === null ? {} : { certificateThumbprint: raw.certificate_thumbprint }),
  };
}
