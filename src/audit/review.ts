import { readClock } from '../storage/clock.ts';
import {
  type ReviewPeriod,
  type ReviewRow,
  type ReviewThresholds,
  type ReviewTopic,
  reviewLog,
} from '../storage/audit-review.ts';
import type { Sql } from '../storage/database.ts';
import { appendRecords } from './append.ts';
import { auditId } from './record.ts';

/** What deserves a second look. Holds organisation numbers and pseudonyms: no BSN, name, UZI number or token. */
export interface ReviewLine {
  readonly topic: ReviewTopic;
  /** Number of the one organisation it is about. */
  readonly organisation?: string;
  readonly professional?: string;
  readonly citizen?: string;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** How many citizens it is about. */
  readonly citizens: number;
  readonly flagged: number;
  /** AuditEvent of the latest: whoever may read the log finds who and whom there, and that they looked is in the log. */
  readonly event: string;
}

export interface Review extends ReviewPeriod {
  readonly thresholds: ReviewThresholds;
  readonly lines: readonly ReviewLine[];
}

/** What stands for a number, the same every time: 16 hexadecimal digits. */
export type Pseudonym = (number: string) => string;

/**
 * Looks through the log, in the caller's transaction. That it was looked through is recorded first.
 * @throws Problem unavailable when that cannot be recorded: then nothing is shown
 */
export async function review(
  sql: Sql,
  pseudonymOf: Pseudonym,
  period: ReviewPeriod,
  thresholds: ReviewThresholds,
): Promise<Review> {
  const { from, to } = period;
  const now = await readClock(sql);
  const detail = { role: 'operator', reviewed: { from, to } };
  await appendRecords(sql, [
    { id: auditId(now), recordedAt: now, interaction: 'AuditEvent.report', outcome: '0', detail },
  ]);
  const found = await reviewLog(sql, period, thresholds);
  return { from, to, thresholds, lines: found.map(([topic, row]) => lineOf(topic, row, pseudonymOf)) };
}

function lineOf(topic: ReviewTopic, row: ReviewRow, pseudonymOf: Pseudonym): ReviewLine {
  const { organisation, professional, patientKey, first, last, count, citizens, flagged, event } = row;
  return {
    topic,
    ...(organisation === null ? {} : { organisation }),
    ...(professional === null ? {} : { professional: pseudonymOf(professional) }),
    ...(patientKey === null ? {} : { citizen: patientKey.toString('hex').slice(0, 16) }),
    first: new Date(first).toISOString(),
    last: new Date(last).toISOString(),
    count,
    citizens,
    flagged,
    event: `AuditEvent/${event}`,
  };
}
