/** Milliseconds since 1970-01-01T00:00:00Z, always a whole number. */
export type Instant = number;

/** One organisation as it takes part in a question: its number (URA, 8 digits) and one of its types. */
export interface Party {
  readonly ura: string;
  readonly type: string;
}

/** The closed question: may `holder` share `dataCategory` with `requester` at `at`? The patient is who the profile is of. */
export interface Question {
  readonly holder: Party;
  readonly requester: Party;
  /** Absent: the data category of the holder's row. */
  readonly dataCategory?: string;
  readonly purpose: 'TREAT' | 'COC';
  readonly at: Instant;
}
