/**
 * How a recording came about: the ways of a Consent's origin, the confirmation by a parent, and what the register itself
 * does when it learns something (a birth date). Codes of the CodeSystem recording-way.
 */
export type Way = 'portal' | 'together' | 'button' | 'emergency' | 'migration' | 'confirmation' | 'correction';

/** Versions of Consents that one piece of work recorded for one citizen. */
export interface Recording {
  readonly way: Way;
  /** `Consent/4f1…/_history/2`, each once. */
  readonly consents: readonly string[];
  /** Why, in the words of who recorded. */
  readonly reason?: string;
}
