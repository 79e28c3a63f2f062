import type { Sql } from './database.ts';

// Made with the rights of the log's owner (migration 0013): who may add to the log may not change its shape.
const MAKE_DAYS = `select make_audit_days($1::integer) as name`;

/**
 * Makes the audit log's partitions for today and the next `days` days (31 at most), UTC. To be called at start and every day;
 * several servers may do so at once.
 * @returns The days made, `20261122`.
 */
export async function ensurePartitions(sql: Sql, days: number): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(MAKE_DAYS, [days]);
  return rows.map(({ name }) => name);
}
