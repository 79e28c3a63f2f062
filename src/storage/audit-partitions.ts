import { type Database, inTransaction } from './database.ts';

const LOCK = `select pg_advisory_xact_lock(4205118864)`;

// Days (UTC) from today on that have no partition yet. A day of which the default partition holds rows already stays
// there: PostgreSQL would refuse the partition, and nothing is wrong with the rows where they are.
const MISSING_DAYS = `
  select to_char(day, 'YYYYMMDD') as name, to_char(day, 'YYYY-MM-DD') as first, to_char(day + 1, 'YYYY-MM-DD') as next
  from (
    select (clock_timestamp() at time zone 'UTC')::date + offset_days as day
    from generate_series(0, $1::integer) as offset_days) as days
  where to_regclass('audit_event_' || to_char(day, 'YYYYMMDD')) is null
    and not exists (
      select from audit_event_default
      where recorded_at >= day::timestamp at time zone 'UTC' and recorded_at < (day + 1)::timestamp at time zone 'UTC')`;

interface Day {
  readonly name: string;
  readonly first: string;
  readonly next: string;
}

function createPartition({ name, first, next }: Day): string {
  return `create table audit_event_${name} partition of audit_event for values from ('${first}T00:00Z') to ('${next}T00:00Z')`;
}

/**
 * Makes the audit log's partitions for today and the next `days` days, UTC. To be called at start and every day; several
 * servers may do so at once.
 * @returns The days made, `20261122`.
 */
export async function ensurePartitions(database: Database, days: number): Promise<string[]> {
  return inTransaction(database, async (sql) => {
    await sql.query(LOCK);
    const { rows } = await sql.query<Day & Record<string, unknown>>(MISSING_DAYS, [days]);
    for (const day of rows) await sql.query(createPartition(day));
    return rows.map(({ name }) => name);
  });
}
