import type { Sql } from './database.ts';

/** A citizen who is signed in. */
export interface SessionRow {
  readonly patientKey: Buffer;
  readonly assurance: 'substantial' | 'high';
  /** Milliseconds by the database's clock; from this moment on it counts no longer. */
  readonly expiresAt: number;
}

/** How long a session lasts, in milliseconds: without being used, and altogether. */
export interface SessionLimits {
  readonly idle: number;
  readonly life: number;
}

interface RawSession {
  readonly patient_key: Buffer;
  readonly assurance: SessionRow['assurance'];
  readonly expires_at: number;
}

const EXPIRES_AT = `
  least(last_used_at + $2 * interval '1 millisecond', created_at + $3 * interval '1 millisecond')`;

const COLUMNS = `patient_key, assurance, ${EXPIRES_AT} as expires_at`;

const FIND_SESSION = `
  select ${COLUMNS} from session where digest = $1 and ${EXPIRES_AT} > clock_timestamp()`;

const USE_SESSION = `
  update session set last_used_at = date_trunc('milliseconds', clock_timestamp())
  where digest = $1 and ${EXPIRES_AT} > clock_timestamp() returning ${COLUMNS}`;

const OPEN_SESSION = `
  insert into session (digest, patient_key, assurance, created_at, last_used_at)
  select $1, $2, $3, now, now from date_trunc('milliseconds', clock_timestamp()) as now
  on conflict (patient_key) do update set digest = excluded.digest, assurance = excluded.assurance,
    created_at = excluded.created_at, last_used_at = excluded.last_used_at`;

const DELETE_SESSION = `delete from session where digest = $1`;

// A few at a time, and none that somebody else is at: who signs in waits for nobody.
const DELETE_IDLE = `
  delete from session where digest in (
    select digest from session where last_used_at <= clock_timestamp() - $1 * interval '1 millisecond'
    order by last_used_at limit 100 for update skip locked)`;

function readSessionRow(raw: RawSession): SessionRow {
  return { patientKey: raw.patient_key, assurance: raw.assurance, expiresAt: raw.expires_at };
}

async function readOne(sql: Sql, statement: string, digest: Buffer, { idle, life }: SessionLimits) {
  const { rows } = await sql.query<RawSession & Record<string, unknown>>(statement, [digest, idle, life]);
  return rows.map(readSessionRow)[0];
}

/** The session with this digest, if it counts still. It lasts no longer for being looked at. */
export function findSession(sql: Sql, digest: Buffer, limits: SessionLimits): Promise<SessionRow | undefined> {
  return readOne(sql, FIND_SESSION, digest, limits);
}

/** The same, used: from now on it is idle for no time. */
export function touchSession(sql: Sql, digest: Buffer, limits: SessionLimits): Promise<SessionRow | undefined> {
  return readOne(sql, USE_SESSION, digest, limits);
}

/** Begins a session, which ends the citizen's earlier one. Hold the citizen's lock. */
export async function insertSession(
  sql: Sql,
  { digest, patientKey, assurance }: Pick<SessionRow, 'patientKey' | 'assurance'> & { readonly digest: Buffer },
): Promise<void> {
  await sql.query(OPEN_SESSION, [digest, patientKey, assurance]);
}

/** Ends a session. */
export async function deleteSession(sql: Sql, digest: Buffer): Promise<void> {
  await sql.query(DELETE_SESSION, [digest]);
}

/** Removes some of those that were not used for so long. */
export async function deleteIdleSessions(sql: Sql, { idle }: SessionLimits): Promise<void> {
  await sql.query(DELETE_IDLE, [idle]);
}
