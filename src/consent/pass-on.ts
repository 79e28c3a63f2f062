import { announceChange } from './announce.ts';
import { keepProvenance } from './keep-provenance.ts';
import type { Passed } from './passed.ts';
import { tellParents } from './tell-parents.ts';
import type { Note, Unit } from './unit.ts';

/** Those who must know, each in the transaction that records. */
const RECEIVERS: readonly ((passed: Passed) => Promise<void>)[] = [keepProvenance, announceChange, tellParents];

/**
 * Passes on what was recorded: whoever must know of a change learns of it exactly when the change is there.
 * @param notes what the unit was about, one for each citizen
 */
export async function passOn(unit: Unit, now: number, notes: readonly Note[]): Promise<void> {
  const citizens = notes.flatMap(({ patientKey, recorded }) =>
    patientKey === undefined || recorded === undefined ? [] : [{ patientKey, recorded }],
  );
  if (citizens.length === 0) return;
  for (const receive of RECEIVERS) await receive({ unit, citizens, now });
}
