import type { Note, Unit } from './unit.ts';
import type { Recording } from './way.ts';

/** What one unit recorded, on its way to everyone who must know. */
export interface Passed {
  readonly unit: Unit;
  /** One for each citizen: a unit may record for many at once, so read and write for all of them in one statement each. */
  readonly citizens: readonly RecordedCitizen[];
  /** The moment of the recording, milliseconds by the database's clock. */
  readonly now: number;
}

/** What was recorded for one citizen. */
export interface RecordedCitizen {
  readonly patientKey: Buffer;
  readonly recorded: Recording;
}

/** Those who must know, each in the transaction that records. */
const RECEIVERS: readonly ((passed: Passed) => Promise<void>)[] = [];

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
