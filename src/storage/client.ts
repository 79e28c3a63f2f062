import type { Sql } from './database.ts';

/** How the tokens of a client are bound to it: to nothing, to a key (RFC 9449) or to a certificate (RFC 8705). */
export type TokenBinding = 'none' | 'dpop' | 'mtls';

/** A registered client: a program that may ask for tokens. */
export interface ClientRow {
  readonly id: string;
  readonly role: string;
  /** The organisation it acts for. */
  readonly ura?: string;
  readonly active: boolean;
  readonly name: string;
  /** The most its tokens may allow. */
  readonly scopes: readonly string[];
  /** Its public keys, by value. */
  readonly jwks?: object;
  /** Where its public keys are. Never together with `jwks`. */
  readonly jwksUri?: string;
  readonly binding: TokenBinding;
  /** Hosts the server may call on its behalf. */
  readonly hosts: readonly string[];
}

/** A client as it is registered now, with the types of its organisation: none when that is not registered. */
export interface KnownClient extends ClientRow {
  /** Milliseconds by the database's clock. */
  readonly changedAt: number;
  readonly types: readonly string[];
}

/** A row as PostgreSQL gives it. */
export interface RawClient {
  readonly id: string;
  readonly role: string;
  readonly ura: string | null;
  readonly active: boolean;
  readonly name: string;
  readonly scopes: string[];
  readonly jwks: object | null;
  readonly jwks_uri: string | null;
  readonly binding: TokenBinding;
  readonly hosts: string[];
  readonly changed_at: number;
  readonly types: string[];
}

/** What is known of a client `c`. */
export const CLIENT_COLUMNS = `
  c.id, c.role, c.ura, c.active, c.name, c.scopes, c.jwks, c.jwks_uri, c.binding, c.hosts, c.changed_at,
  coalesce((select o.types from organization as o where o.ura = c.ura and not o.deleted), '{}') as types`;

const FIND_CLIENTS = `select ${CLIENT_COLUMNS} from client as c where c.id = any($1::text[])`;

const LIST_CLIENTS = `select ${CLIENT_COLUMNS} from client as c order by c.name, c.id`;

const SAVE_CLIENT = `
  insert into client (id, role, ura, active, name, scopes, jwks, jwks_uri, binding, hosts, created_at, changed_at)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now, now
  from date_trunc('milliseconds', clock_timestamp()) as now
  on conflict (id) do update set role = excluded.role, ura = excluded.ura, active = excluded.active, name = excluded.name,
    scopes = excluded.scopes, jwks = excluded.jwks, jwks_uri = excluded.jwks_uri, binding = excluded.binding,
    hosts = excluded.hosts, changed_at = excluded.changed_at`;

// What one client of an organisation may have called, its others may too: a subscription is the organisation's.
const FIND_HOSTS = `
  select coalesce(array_agg(distinct host), '{}') as hosts
  from client as c cross join unnest(hosts) as host
  where ura = $1 and active and exists (select from organization as o where o.ura = c.ura and not o.deleted)`;

export function readClientRow({ ura, jwks, jwks_uri: jwksUri, changed_at: changedAt, ...raw }: RawClient): KnownClient {
  return {
    ...raw,
    changedAt,
    ...(ura === null ? {} : { ura }),
    ...(jwks === null ? {} : { jwks }),
    ...(jwksUri === null ? {} : { jwksUri }),
  };
}

/** The hosts that the server may call on behalf of an organisation: those of all its active clients, while it is registered. */
export async function findHosts(sql: Sql, ura: string): Promise<string[]> {
  const { rows } = await sql.query<{ hosts: string[] }>(FIND_HOSTS, [ura]);
  return rows[0]?.hosts ?? [];
}

/** The clients with these ids, in any order. */
export async function findClients(sql: Sql, ids: readonly string[]): Promise<KnownClient[]> {
  const { rows } = await sql.query<RawClient>(FIND_CLIENTS, [ids], 'find-clients');
  return rows.map(readClientRow);
}

export async function findClient(sql: Sql, id: string): Promise<KnownClient | undefined> {
  return (await findClients(sql, [id]))[0];
}

/** Every client, those that are not active too, by name. */
export async function listClients(sql: Sql): Promise<KnownClient[]> {
  return (await sql.query<RawClient>(LIST_CLIENTS)).rows.map(readClientRow);
}

/** Registers a client, or changes what is registered under its id. */
export async function saveClient(sql: Sql, client: ClientRow): Promise<void> {
  const { id, role, ura = null, active, name, scopes, jwks, jwksUri = null, binding, hosts } = client;
  const keys = jwks === undefined ? null : JSON.stringify(jwks);
  await sql.query(SAVE_CLIENT, [id, role, ura, active, name, scopes, keys, jwksUri, binding, hosts]);
}
