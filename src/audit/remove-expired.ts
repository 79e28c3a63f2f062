import { daysBefore, firstKeptDay, type LogDay, removeDay } from '../storage/audit-retention.ts';
import { readClock } from '../storage/clock.ts';
import type { Database, Sql } from '../storage/database.ts';
import { appendRecords } from './append.ts';
import { auditId } from './record.ts';

/** What a run of the retention did. */
export interface Expiry {
  /** The first day (UTC) that stays. */
  readonly kept: string;
  readonly removed: readonly LogDay[];
}

/**
 * Removes the days of the log that are older than the retention period, each with a record of its own that says so.
 * A run that is cut short is completed by the next.
 * @param owner the log's owner: nobody else can
 * @param years since a record was written
 * @throws Problem unavailable when the log is too busy to remove a day
 */
export async function removeExpired(owner: Database, years: number): Promise<Expiry> {
  const kept = await firstKeptDay(owner, years);
  const removed: LogDay[] = [];
  for (const day of await daysBefore(owner, kept)) removed.push(await removeDay(owner, day, recordRemoval));
  return { kept, removed };
}

async function recordRemoval(sql: Sql, removed: LogDay): Promise<void> {
  const now = await readClock(sql);
  const detail = { role: 'operator', removed };
  await appendRecords(sql, [
    { id: auditId(now), recordedAt: now, interaction: 'AuditEvent.retention', outcome: '0', detail },
  ]);
}
