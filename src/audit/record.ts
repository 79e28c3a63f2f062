import { v7 } from 'uuid';

/** Outcome of an access, in the codes of FHIR R4 AuditEvent.outcome: success, the caller's fault, our fault. */
export type AuditOutcome = '0' | '4' | '8';

/** One decided (or refused) closed question, as the log keeps it. */
export interface AuditedCheck {
  readonly holder?: { readonly ura: string; readonly type?: string };
  readonly requester?: { readonly ura: string; readonly type?: string };
  readonly dataCategory?: string;
  readonly purpose?: string;
  readonly requesterRole?: string;
  readonly professional?: string;
  readonly mandated?: string;
  readonly decision?: 'permit' | 'deny';
  readonly reason?: string;
  readonly basedOn?: readonly string[];
  readonly catalogueVersion?: string;
  /** The moments an auditor asked about, when given. Milliseconds. */
  readonly at?: number;
  readonly knownAt?: number;
}

/** What happened beyond who, whom and when. Plain JSON; never a BSN, name or token. */
export interface AuditDetail {
  readonly role?: string;
  readonly ura?: string;
  /** Pseudonym, in hexadecimal digits, of the citizen who acted, when the record is about another one. */
  readonly actor?: string;
  readonly request?: string;
  /** What was touched, versioned: `Consent/4f1…/_history/2`. */
  readonly entities?: readonly string[];
  /** How many accesses this record is of, when not one. */
  readonly count?: number;
  /** Code of the problem that ended the access. */
  readonly problem?: string;
  /** The access at which a transaction failed: `Organization.create`. */
  readonly failed?: string;
  /** Names (not values) of the search parameters used. */
  readonly searched?: readonly string[];
  readonly check?: AuditedCheck;
  /** Organisations that an open question found, by number. */
  readonly located?: readonly string[];
  /** What a citizen settled: `locked`, `unlocked`, or the name of another setting that changed. */
  readonly settings?: readonly string[];
  /** The way in which something was recorded. */
  readonly way?: string;
  /** What a family did: the child proposed, the parent reviewed, confirmed or rejected. Stands in the log of both. */
  readonly family?: 'proposed' | 'reviewed' | 'confirmed' | 'rejected';
  /** What became of an answer that an organisation brought along. */
  readonly migration?: 'created' | 'unchanged' | 'skipped-citizen-decided';
  /** A pairing code was refused, which counts against the account. */
  readonly tried?: true;
  /** A mail was queued that is limited: to confirm an address, or about a deletion. Without the address. */
  readonly mailed?: 'address' | 'deletion';
  /** What an earlier request was answered was answered again: nothing was done. */
  readonly replayed?: true;
  /** How sure it was who signed in: `substantial`, `high`. */
  readonly assurance?: string;
  /** A day of the log that was removed after its time, and how many records it had. */
  readonly removed?: { readonly day: string; readonly count: number };
  /** The days that a review of the log was about, both included. */
  readonly reviewed?: { readonly from: string; readonly to: string };
  /** The client that was registered, read, changed or switched off. */
  readonly client?: string;
  /** Why this access deserves a second look. */
  readonly flagged?: 'repeated-emergency-grant' | 'birth-date-replaced' | 'birth-date-differs' | 'pairing-code-ended';
}

/** One access. Append-only. */
export interface AuditRecord {
  readonly id: string;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly recordedAt: number;
  readonly patientKey?: Buffer;
  readonly clientId?: string;
  /** `Consent.check`, `Patient.read`, … */
  readonly interaction: string;
  readonly outcome: AuditOutcome;
  readonly detail: AuditDetail;
}

/** A new id for an event at this moment: a version 7 UUID, so that the id leads to the day the event lies in (RFC 9562). */
export function auditId(recordedAt: number): string {
  return v7({ msecs: recordedAt });
}
