import type { EmailEvent } from '../fhir/settings-parameters.ts';
import type { Sql } from '../storage/database.ts';
import { type MailEvent, queueNews } from '../storage/mail.ts';
import type { Register } from './register.ts';
import type { Note } from './unit.ts';
import type { Way } from './way.ts';

const CHANGED: readonly EmailEvent[] = ['choices-changed'];

/** About which events of the settings a recording is. */
const EVENTS: Readonly<Record<Way, readonly EmailEvent[]>> = {
  portal: CHANGED,
  together: CHANGED,
  button: CHANGED,
  migration: CHANGED,
  correction: CHANGED,
  emergency: [...CHANGED, 'emergency'],
  confirmation: [...CHANGED, 'family'],
};

/**
 * Queues a mail for each citizen about whom there is news and who wants a mail about that (rule 43): what was recorded, what
 * a child proposes, and who tried to record against the citizen lock.
 * @param sql the transaction that records, so that there is a mail exactly when there is news
 * @param now milliseconds by the database's clock
 * @returns whether there may be a mail to send
 */
export async function tellCitizens(
  register: Register,
  sql: Sql,
  now: number,
  notes: readonly Note[],
): Promise<boolean> {
  const events = register.sendsMail ? notes.flatMap(eventsOf) : [];
  if (events.length > 0) await queueNews(sql, events, now);
  return events.length > 0;
}

function eventsOf({ patientKey, recorded, detail }: Note): MailEvent[] {
  if (patientKey === undefined) return [];
  const events: EmailEvent[] = [
    ...(recorded === undefined || recorded.consents.length === 0 ? [] : EVENTS[recorded.way]),
    ...(detail?.family === 'proposed' ? (['family'] as const) : []),
    ...(detail?.problem === 'locked-by-citizen' ? (['lock-attempt'] as const) : []),
  ];
  return events.map((event) => ({ patientKey, event }));
}
