import type { Sql } from './database.ts';

// Unnested in one order, so that two callers with the same citizens never wait for each other.
const LOCK_PATIENTS = `
  select pg_advisory_xact_lock(hashtextextended(encode(key, 'hex'), 7))
  from (select distinct unnest($1::bytea[]) as key order by 1) as keys`;

/**
 * Makes everybody else who records for these citizens wait until this transaction ends, also for citizens that have no
 * row yet. Take it before reading what you change, and read the clock after it: then one recording is one instant, not
 * before any earlier one of the same citizen.
 */
export async function lockPatients(sql: Sql, patientKeys: readonly Buffer[]): Promise<void> {
  await sql.query(LOCK_PATIENTS, [patientKeys]);
}
