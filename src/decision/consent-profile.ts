import type { Instant } from './question.ts';

/** Who an answer is about: a whole category or one organisation. */
export type Place =
  { readonly kind: 'category'; readonly code: string } | { readonly kind: 'organisation'; readonly ura: string };

/** A versioned Consent, for instance `Consent/4f1…/_history/2`. */
export type ConsentVersion = string;

/** One answer of a citizen: for one holder place, to one requester place. */
export interface Answer {
  readonly holder: Place;
  readonly requester: Place;
  readonly decision: 'permit' | 'deny';
  /** The data category the answer was given for: a permit covers it and what it contains. */
  readonly dataCategory: string;
  /** `citizen`: made by or with the citizen. `migrated`: brought along by a holder. */
  readonly authority: 'citizen' | 'migrated';
  /** True while a parent has not confirmed it yet. */
  readonly pending: boolean;
  /** When the register recorded it; within one place the latest counts. */
  readonly recordedAt: Instant;
  readonly source: ConsentVersion;
}

/** An emergency grant, in force from `start` up to but not including `end`. */
export interface EmergencyGrant {
  readonly requesterUra: string;
  /** Organisation numbers of the holders, or `all` holders of the patient. */
  readonly holders: 'all' | readonly string[];
  readonly dataCategory: string;
  readonly start: Instant;
  readonly end: Instant;
  /** False when the patient could not be asked. */
  readonly agreed: boolean;
  readonly source: ConsentVersion;
}

/** Everything recorded for one citizen, as the decision needs it. Order means nothing. */
export interface ConsentProfile {
  readonly answers: readonly Answer[];
  readonly grants: readonly EmergencyGrant[];
  /** Stored consents that could not be read in full. */
  readonly unreadable: readonly ConsentVersion[];
}

/** The profile of a citizen nobody knows. */
export const EMPTY_PROFILE: ConsentProfile = { answers: [], grants: [], unreadable: [] };
