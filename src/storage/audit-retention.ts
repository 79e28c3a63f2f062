import { type Database, inTransaction, type Sql } from './database.ts';

/** A day (UTC) of the log. */
export interface LogDay {
  /** `2020-11-22`. */
  readonly day: string;
  /** Records of that day. */
  readonly count: number;
}

// The first day (UTC) that stays: everything of it was written at most that many years ago.
const FIRST_KEPT = `
  select to_char((clock_timestamp() at time zone 'UTC') - make_interval(years => $1), 'YYYY-MM-DD') as day`;

// Days with a partition of their own, and days of which rows ended in the default partition.
const OLD_DAYS = `
  select day from (
    select to_char(to_date(right(relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'audit_event'::regclass and relname ~ '^audit_event_[0-9]{8}$'
    union
    select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD') from audit_event_default) as days
  where day < $1 order by day`;

const PARTITION_OF = `select to_regclass('audit_event_' || replace($1, '-', '')) is not null as exists`;

const PERIOD = `recorded_at >= ($1 || 'T00:00Z')::timestamptz and recorded_at < ($1 || 'T00:00Z')::timestamptz + interval '1 day'`;

const COUNT = `select count(*) as count from audit_event where ${PERIOD}`;

// A trigger refuses every deletion; it looks away for the owner alone, and only in this transaction.
const LOOK_AWAY = 'alter table audit_event_default disable trigger audit_event_append_only';
const REMOVE = `delete from audit_event_default where ${PERIOD}`;
const LOOK_AGAIN = 'alter table audit_event_default enable trigger audit_event_append_only';

// Whoever holds the table up holds every access up with it: rather try again later.
const PATIENCE = `set local lock_timeout = '5s'`;

/** The first day (UTC) that has to stay when records are kept for so many years from writing. */
export async function firstKeptDay(sql: Sql, years: number): Promise<string> {
  const { rows } = await sql.query<{ day: string }>(FIRST_KEPT, [years]);
  return rows[0]?.day ?? '';
}

/** The days of the log before this one, oldest first. */
export async function daysBefore(sql: Sql, day: string): Promise<string[]> {
  const { rows } = await sql.query<{ day: string }>(OLD_DAYS, [day]);
  return rows.map((row) => row.day);
}

/**
 * Removes one whole day of the log, in one transaction with what `record` writes of it. Needs the log's owner.
 * @throws Problem unavailable when the log is too busy; then nothing is removed
 */
export async function removeDay(
  owner: Database,
  day: string,
  record: (sql: Sql, removed: LogDay) => Promise<void>,
): Promise<LogDay> {
  return inTransaction(owner, async (sql) => {
    await sql.query(PATIENCE);
    const { rows } = await sql.query<{ count: number }>(COUNT, [day]);
    const removed = { day, count: rows[0]?.count ?? 0 };
    await removeRows(sql, day);
    await record(sql, removed);
    return removed;
  });
}

async function removeRows(sql: Sql, day: string): Promise<void> {
  const { rows } = await sql.query<{ exists: boolean }>(PARTITION_OF, [day]);
  if (rows[0]?.exists === true) {
    await sql.query(`drop table audit_event_${day.replaceAll('-', '')}`);
    return;
  }
  await sql.query(LOOK_AWAY);
  await sql.query(REMOVE, [day]);
  await sql.query(LOOK_AGAIN);
}
