import type { Sql } from './database.ts';

/** A registered client: a program that may ask for tokens. */
export interface ClientRow {
  readonly id: string;
  readonly role: string;
  /** The organisation it acts for. */
  readonly ura?: string;
  readonly active: boolean;
}

interface RawClient {
  readonly id: string;
  readonly role: string;
  readonly ura: string | null;
  readonly active: boolean;
}

const FIND_CLIENT = 'select id, role, ura, active from client where id = $1';

const SAVE_CLIENT = `
  insert into client (id, role, ura, active, created_at)
  values ($1, $2, $3, $4, date_trunc('milliseconds', clock_timestamp()))
  on conflict (id) do update set role = excluded.role, ura = excluded.ura, active = excluded.active`;

function readClientRow({ ura, ...raw }: RawClient): ClientRow {
  return ura === null ? raw : { ...raw, ura };
}

export async function findClient(sql: Sql, id: string): Promise<ClientRow | undefined> {
  const { rows } = await sql.query<RawClient>(FIND_CLIENT, [id], 'find-client');
  return rows.map(readClientRow)[0];
}

/** Registers a client, or changes what is registered under its id. */
export async function saveClient(sql: Sql, client: ClientRow): Promise<void> {
  await sql.query(SAVE_CLIENT, [client.id, client.role, client.ura ?? null, client.active]);
}
