import type { Note, Unit } from './unit.ts';
import type { Recording } from './way.ts';

/** What was recorded for one citizen, on its way to everyone who must know. */
export interface Passed {
  readonly unit: Unit;
  readonly patientKey: Buffer;
  readonly recorded: Recording;
  /** The moment of the recording, milliseconds by the database's clock. */
  readonly now: number;
}

/** Those who must know, each in the transaction that records. */
const RECEIVERS: readonly ((passed: Passed) => Promise<void>)[] = [];

/**
 * Passes on what was recorded: whoever must know of a change learns of it exactly when the change is there.
 * @param notes what the unit was about, one for each citizen
 */
export async function passOn(unit: Unit, now: number, notes: readonly Note[]): Promise<void> {
  for (const { patientKey, recorded } of notes) {
    if (patientKey === undefined || recorded === undefined) continue;
    for (const receive of RECEIVERS) await receive({ unit, patientKey, recorded, now });
  }
}
