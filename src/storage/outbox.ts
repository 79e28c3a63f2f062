import { type Database, inTransaction } from './database.ts';

/** Something that waits to leave. */
export interface WaitingRows {
  readonly count: number;
  /** How long the oldest has waited, in milliseconds; 0 when nothing waits. */
  readonly oldest: number;
}

/** What waits to leave, whichever server it will leave from. */
export interface Outbox {
  readonly notifications: WaitingRows;
  readonly mails: WaitingRows;
}

// Of a backlog so large that this takes longer, the number is not worth what it costs.
const LIMIT = "set local statement_timeout = '1s'";

const READ_OUTBOX = `
  select 'notifications' as kind, coalesce(sum(last_event - delivered_event), 0) as count, min(due_since) as since,
    clock_timestamp() as now
  from notification where due_at is not null
  union all
  select 'mails', count(*), min(queued_at), clock_timestamp() from mail`;

interface RawRow {
  readonly kind: keyof Outbox;
  readonly count: number;
  readonly since: number | null;
  readonly now: number;
}

/** Deliveries that were given up do not wait any more. @throws Problem unavailable, also when it takes longer than a second */
export async function readOutbox(database: Database): Promise<Outbox> {
  return inTransaction(database, async (sql) => {
    await sql.query(LIMIT);
    const { rows } = await sql.query<RawRow & Record<string, unknown>>(READ_OUTBOX);
    return Object.fromEntries(rows.map((row) => [row.kind, waitingOf(row)])) as unknown as Outbox;
  });
}

function waitingOf({ count, since, now }: RawRow): WaitingRows {
  return { count, oldest: since === null ? 0 : Math.max(0, now - since) };
}
