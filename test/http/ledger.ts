import { randomUUID } from 'node:crypto';
import { inTransaction } from '../../src/storage/database.ts';
import type { TestServer } from '../setup/test-server.ts';

const TABLES = [
  'patient',
  'patient_history',
  'organization',
  'organization_history',
  'consent',
  'consent_history',
  'provenance',
  'subscription',
  'client',
];

const STORED_ROWS = `select ${TABLES.map((table) => `(select count(*) from ${table}) as ${table}`).join(', ')}`;

/** How much is stored, by table; the log apart. */
export async function storedRows({ database }: TestServer): Promise<Record<string, number>> {
  const { rows } = await database.database.query<Record<string, number>>(STORED_ROWS);
  return { ...rows[0] };
}

export interface LoggedAccess {
  readonly id: string;
  readonly interaction: string;
  readonly outcome: string;
  readonly client: string | null;
  readonly about: string | null;
  readonly detail: {
    readonly role?: string;
    readonly request?: string;
    readonly problem?: string;
    readonly failed?: string;
    readonly entities?: readonly string[];
    readonly flagged?: string;
    readonly replayed?: boolean;
    readonly tried?: boolean;
    readonly mailed?: string;
    readonly check?: { readonly decision?: string; readonly reason?: string };
  };
}

const COLUMNS = `id, interaction, outcome, client_id as client, encode(patient_key, 'hex') as about, detail`;
const LOGGED = `select ${COLUMNS}
  from audit_event where $1::text is null or detail ->> 'request' = $1 order by recorded_at, id`;
const LOGGED_ABOUT = `select ${COLUMNS} from audit_event where patient_key = $1 order by recorded_at, id`;

/** What the log holds of one request, by its id; of all without one. */
export async function logged({ database }: TestServer, requestId?: string): Promise<LoggedAccess[]> {
  const { rows } = await database.database.query<LoggedAccess & Record<string, unknown>>(LOGGED, [requestId ?? null]);
  return rows;
}

/** What the log holds about a citizen. */
export async function loggedAbout({ server, database }: TestServer, bsn: string): Promise<LoggedAccess[]> {
  const values = [server.register.vault.keyOf(bsn)];
  const { rows } = await database.database.query<LoggedAccess & Record<string, unknown>>(LOGGED_ABOUT, values);
  return rows;
}

/**
 * Makes all that the log holds of a citizen older.
 * @param by an interval of PostgreSQL: `15 minutes`
 */
export async function ageLog({ server, database }: TestServer, bsn: string, by: string): Promise<void> {
  await inTransaction(database.database, async (sql) => {
    // The log is append-only: its trigger has to look away.
    await sql.query('set local session_replication_role = replica');
    await sql.query('update audit_event set recorded_at = recorded_at - $2::interval where patient_key = $1', [
      server.register.vault.keyOf(bsn),
      by,
    ]);
  });
}

/** A header that names a request, so that its records can be found. */
export function namedRequest(): { readonly id: string; readonly headers: { readonly 'X-Request-Id': string } } {
  const id = randomUUID();
  return { id, headers: { 'X-Request-Id': id } };
}
