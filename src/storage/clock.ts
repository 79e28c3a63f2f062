import type { Sql } from './database.ts';

// The clock, not the start of the transaction: that may lie before a lock it waited for.
const READ_CLOCK = `select date_trunc('milliseconds', clock_timestamp()) as now`;

/** The database's clock in whole milliseconds since 1970: the one clock of the register. */
export async function readClock(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ now: number }>(READ_CLOCK);
  const [row] = rows;
  if (row === undefined) throw new Error('the clock gave no row');
  return row.now;
}

/** An instant as a bound value for a timestamptz: exact to the millisecond, unlike a floating-point number of seconds. */
export function timestamp(instant: number): string {
  return new Date(instant).toISOString();
}
