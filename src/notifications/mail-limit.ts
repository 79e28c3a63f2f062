import { countRecentEvents } from '../storage/audit-event.ts';
import type { Sql } from '../storage/database.ts';

/** Mails that go to an address of which nobody knows yet whose it is: one to confirm it, and one about a deletion. */
export type LimitedMail = 'address' | 'deletion';

const DAY = 86_400_000;
/** So many a citizen causes in a day at most. */
const MOST: Readonly<Record<LimitedMail, number>> = { address: 10, deletion: 3 };

/**
 * Whether this citizen may cause one more. They are counted in the log, where each must be noted as `mailed`: so it counts
 * beyond the account. Hold the citizen's lock.
 * @param now milliseconds by the database's clock
 */
export async function mayMail(sql: Sql, patientKey: Buffer, mailed: LimitedMail, now: number): Promise<boolean> {
  return (await countRecentEvents(sql, patientKey, now - DAY, { mailed })) < MOST[mailed];
}
