import { readClock } from '../storage/clock.ts';
import type { Sql } from '../storage/database.ts';
import { Together, type TogetherObserver } from '../together.ts';
import { appendRecords } from './append.ts';
import type { AuditRecord } from './record.ts';

/** The records of an access, for the moment they are given. */
type Records = (now: number) => readonly AuditRecord[];

/** Appends records; gives the moment, in milliseconds, once they are on disk. @throws Problem unavailable; then nothing may be answered */
export type AppendTogether = (records: Records) => Promise<number>;

/** Appends records of accesses that have nothing else to write: those that come at once in one statement, on one connection. */
export function appendTogether(sql: Sql, observer?: TogetherObserver): AppendTogether {
  const appending = new Together<Records, number>(
    async (all) => {
      const now = await readClock(sql);
      await appendRecords(
        sql,
        all.flatMap((records) => records(now)),
      );
      return all.map(() => now);
    },
    { name: 'append', most: 500, atOnce: 1, observer },
  );
  return (records) => appending.ask(records);
}
