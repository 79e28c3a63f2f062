import { problem } from '../problem.ts';
import { findCitizens } from '../storage/citizen.ts';
import type { Unit } from './unit.ts';

/**
 * Refuses a provider that records for a citizen who has locked their choices (rule 18). Hold the citizens' turn: a lock put
 * on meanwhile would be overlooked. Those who are locked are noted first, so that the attempt is in their log.
 * @throws Problem forbidden when one of them is locked
 */
export async function requireUnlocked(unit: Unit, patientKeys: readonly Buffer[]): Promise<void> {
  const locked = await findLocked(unit, patientKeys);
  if (locked.length === 0) return;
  for (const patientKey of locked) unit.note({ patientKey });
  throw problem('forbidden', 'locked-by-citizen', 'This citizen lets no provider record choices.');
}

/** Those of these citizens who have locked their choices, for work of which one item is refused and another is not. */
export async function findLocked({ sql }: Unit, patientKeys: readonly Buffer[]): Promise<Buffer[]> {
  const citizens = await findCitizens(sql, patientKeys);
  return citizens.filter(({ locked }) => locked).map(({ patientKey }) => patientKey);
}
