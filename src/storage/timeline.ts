import { type Bindings, createBindings } from './bindings.ts';
import { timestamp } from './clock.ts';
import { type Cursor, checkLength, readInstant, readUuid } from './cursor.ts';
import type { Sql } from './database.ts';

/** A table that is only ever added to, and read in the order of time. Its rows have a `recorded_at` and a uuid `id`. */
export interface Timeline<Row> {
  readonly name: 'audit_event' | 'provenance';
  /** What is read of each row `t`. */
  readonly columns: string;
  readonly readRow: (raw: RawEntry) => Row;
}

/** A row as pg gives it. */
export type RawEntry = Record<string, unknown> & { readonly id: string; readonly recorded_at: number };

/** Which part of it. */
export interface TimelinePage {
  /** Most rows of a page. */
  readonly count: number;
  /** Oldest first; else newest first. */
  readonly ascending?: boolean;
  /** `next` of the page before. */
  readonly cursor?: Cursor;
}

/** Writes the condition on a row `t`. */
export type Condition = (bindings: Bindings) => string;

/** A page of the rows that meet the condition. @throws Problem malformed for a cursor of another search */
export async function readTimeline<Row>(
  sql: Sql,
  timeline: Timeline<Row>,
  condition: Condition,
  { count, ascending = false, cursor }: TimelinePage,
): Promise<{ rows: Row[]; next?: Cursor }> {
  const bindings = createBindings();
  const direction = ascending ? 'asc' : 'desc';
  const text = `select ${timeline.columns} from ${timeline.name} as t
    where ${condition(bindings)} and ${afterCursor(cursor, ascending, bindings)}
    order by t.recorded_at ${direction}, t.id ${direction} limit ${bindings.bind(count + 1, 'integer')}`;
  const { rows } = await sql.query<RawEntry>(text, bindings.values);
  const page = rows.slice(0, count);
  const last = page.at(-1);
  const next: { next?: Cursor } =
    rows.length <= count || last === undefined ? {} : { next: [last.recorded_at, last.id] };
  return { rows: page.map(timeline.readRow), ...next };
}

/** How many rows meet the condition. */
export async function countTimeline(sql: Sql, { name }: Timeline<unknown>, condition: Condition): Promise<number> {
  const bindings = createBindings();
  const text = `select count(*) as count from ${name} as t where ${condition(bindings)}`;
  const { rows } = await sql.query<{ count: number }>(text, bindings.values);
  return rows[0]?.count ?? 0;
}

function afterCursor(cursor: Cursor | undefined, ascending: boolean, bindings: Bindings): string {
  if (cursor === undefined) return 'true';
  checkLength(cursor, 2);
  const [recordedAt, id] = cursor;
  const instant = bindings.bind(timestamp(readInstant(recordedAt)), 'timestamptz');
  return `(t.recorded_at, t.id) ${ascending ? '>' : '<'} (${instant}, ${bindings.bind(readUuid(id), 'uuid')})`;
}
