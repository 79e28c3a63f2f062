import type { ProblemKind } from '../problem.ts';

/** The one place that turns a kind of problem into an HTTP status (RFC 9110, RFC 6585; FHIR R4 http.html). */
export const STATUS: Readonly<Record<ProblemKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'too-slow': 408,
  conflict: 409,
  'in-progress': 409,
  gone: 410,
  'version-stale': 412,
  'too-large': 413,
  'media-type': 415,
  invalid: 422,
  'version-required': 428,
  'too-many': 429,
  unavailable: 503,
};
