/** The closed list of what can go wrong. `http/problem-status.ts` is the only place that turns a kind into a status. */
export type ProblemKind =
  | 'malformed' // 400 the request cannot be read
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not-found' // 404
  | 'method-not-allowed' // 405
  | 'not-acceptable' // 406
  | 'too-slow' // 408
  | 'conflict' // 409
  | 'in-progress' // 409 the same is being done at this moment
  | 'gone' // 410
  | 'version-stale' // 412
  | 'too-large' // 413
  | 'media-type' // 415
  | 'invalid' // 422 profile or business rule
  | 'version-required' // 428
  | 'too-many' // 429
  | 'unavailable'; // 503

/** One thing that is wrong, with the element it is about. Safe to show to the caller: never holds a BSN, name or token. */
export interface Issue {
  /** Stable code, shown as `details.coding.code` in the OperationOutcome. Kebab case. */
  readonly code: string;
  /** Sentence for the caller. Never echoes an input value. */
  readonly text: string;
  /** FHIRPath of the element, for instance `Consent.provision.actor[0]`. */
  readonly expression?: string;
}

/** The one error type. `issues` is public, `cause` is for the log only. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly issues: readonly [Issue, ...Issue[]];

  constructor(kind: ProblemKind, issues: readonly [Issue, ...Issue[]], cause?: unknown) {
    super(issues[0].text, { cause });
    this.name = 'Problem';
    this.kind = kind;
    this.issues = issues;
  }
}

/** A Problem with a single issue. */
export function problem(kind: ProblemKind, code: string, text: string, expression?: string, cause?: unknown): Problem {
  return new Problem(kind, [expression === undefined ? { code, text } : { code, text, expression }], cause);
}

/** The Problem an error is; what is not a Problem is a fault of ours, which the caller may only know as unavailable. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return problem('unavailable', 'unexpected', 'The request cannot be answered now.', undefined, error);
}
