import { appendAuditEvents } from '../storage/audit-event.ts';
import type { Sql } from '../storage/database.ts';
import type { AuditRecord } from './record.ts';

/**
 * Appends records, in the caller's transaction when `sql` is one. When it returns outside a transaction, they are on disk.
 * @throws Problem unavailable; then nothing may be answered
 */
export async function appendRecords(sql: Sql, records: readonly AuditRecord[]): Promise<void> {
  if (records.length > 0) await appendAuditEvents(sql, records);
}
