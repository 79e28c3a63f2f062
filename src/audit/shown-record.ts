import type { Coding } from '@medplum/fhirtypes';
import type { AuditDetail, AuditOutcome } from './record.ts';

/** A stored record, ready to be shown. */
export interface ShownRecord {
  readonly id: string;
  readonly recordedAt: number;
  readonly clientId?: string;
  readonly interaction: string;
  readonly outcome: AuditOutcome;
  readonly detail: AuditDetail;
  /** Literal reference to the citizen it is about, when that citizen has a Patient. */
  readonly patient?: string;
  /** Literal reference to the citizen who acted, when that is another one, and whoever reads may know. */
  readonly actor?: string;
  /** Types of the organisation behind it: as it was asked with, else as it was registered then. */
  readonly organizationTypes?: readonly Coding[];
}
