import type { ConsentVersion } from './consent-profile.ts';
import type { Instant } from './question.ts';

export type PermitReason = 'consent-given' | 'emergency-grant';
export type DenyReason =
  | 'no-consent'
  | 'consent-refused'
  | 'data-category-not-covered'
  | 'minor-unconfirmed'
  | 'requester-not-eligible'
  | 'consent-unreadable';

interface Grounds {
  /** The data category decided about. */
  readonly dataCategory: string;
  /** The versioned consents the decision rests on, sorted. */
  readonly basedOn: readonly ConsentVersion[];
  readonly catalogueVersion: string;
  /** First known future instant at which this answer may change. */
  readonly nextChangeAt?: Instant;
}

export type Decision = Grounds &
  (
    | { readonly decision: 'permit'; readonly reason: PermitReason }
    | { readonly decision: 'deny'; readonly reason: DenyReason }
  );

/** Why a question cannot be asked at all (never a permit, never a bare deny). */
export type AskingError =
  'unknown-holder-type' | 'unknown-requester-type' | 'unknown-data-category' | 'holder-not-in-care';
