import type { Unit } from './unit.ts';
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
