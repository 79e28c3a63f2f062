import { readClock } from '../storage/clock.ts';
import type { Sql } from '../storage/database.ts';
import { appendRecords } from './append.ts';
import type { AuditRecord } from './record.ts';

/** Most that are written at once. */
const MOST = 500;

interface Waiting {
  readonly write: (now: number) => readonly AuditRecord[];
  readonly done: (now: number) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Appends records of accesses that have nothing else to write. Those that come while others are written wait, and are then
 * written together: however many there are, they need one connection, and a record is on disk before its answer leaves.
 */
export class AppendTogether {
  readonly #sql: Sql;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * @param write the records, for the moment they are given
   * @returns that moment, once they are on disk
   * @throws Problem unavailable; then nothing may be answered
   */
  append(write: (now: number) => readonly AuditRecord[]): Promise<number> {
    return new Promise((done, failed) => {
      this.#waiting.push({ write, done, failed });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#writeSome(this.#waiting.splice(0, MOST));
    this.#isWriting = false;
  }

  async #writeSome(some: readonly Waiting[]): Promise<void> {
    try {
      const now = await readClock(this.#sql);
      await appendRecords(
        this.#sql,
        some.flatMap(({ write }) => write(now)),
      );
      for (const { done } of some) done(now);
    } catch (error) {
      for (const { failed } of some) failed(error);
    }
  }
}
