import type { AuditDetail } from '../audit/record.ts';
import type { Caller } from '../auth/caller.ts';
import type { Target } from '../auth/permissions.ts';
import type { Sql } from '../storage/database.ts';
import type { Register } from './register.ts';
import type { Recording } from './way.ts';

/** One access: who, what, and under which request id. */
export interface Access {
  /** Absent when the caller could not be established. */
  readonly caller?: Caller;
  readonly target: Target | 'unknown';
  readonly requestId: string;
}

/** What an access turned out to be about; one record per patient touched. */
export interface Note {
  readonly patientKey?: Buffer;
  readonly detail?: AuditDetail;
  /** Consents that were recorded for this citizen: they are passed on in the same transaction. */
  readonly recorded?: Recording;
  /** Which of many things that were asked at once, when it is about no citizen: each has a record of its own. */
  readonly item?: number;
  /** For work that ends well, so that what it wrote stays, while what was asked is refused. */
  readonly outcome?: '4';
  /** The account of this citizen is deleted: but for the log, nothing is to stay that names it. */
  readonly forgotten?: true;
}

/** A piece of work inside its transaction. */
export interface Unit {
  readonly register: Register;
  readonly sql: Sql;
  readonly caller: Caller;
  readonly requestId: string;
  /**
   * Says what the audit record must hold. A citizen who was noted before a refusal is named in its record too: whoever is
   * refused, the citizen sees that it was tried.
   */
  note(note: Note): void;
  /** What was noted so far in this transaction, by all its units. */
  noted(): readonly Note[];
  /** Has something done once all this is committed; never when it is not. It must not throw. */
  afterCommit(act: () => void): void;
}
