import { type Problem, problem, problemOf } from '../problem.ts';

/**
 * The Problem an error is. Express and its parsers of bodies say with a status when it was the caller's fault (a body that
 * is too large or cut off, an address that cannot be decoded): that must not look like a fault of ours.
 * https://github.com/jshttp/http-errors
 */
export function problemFromExpress(error: unknown): Problem {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  if (status === 413) return problem('too-large', 'body-too-large', 'The body is too large.', undefined, error);
  if (typeof status !== 'number' || status < 400 || status > 499) return problemOf(error);
  return problem('malformed', 'request-unreadable', 'The request cannot be read.', undefined, error);
}
