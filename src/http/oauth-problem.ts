import type { Response } from 'express';
import type { Problem } from '../problem.ts';
import { challenge } from './challenge.ts';
import { STATUS } from './problem-status.ts';

/** Error codes of RFC 6749, RFC 6750 and RFC 7591, where they say more than the status. */
const ERRORS: Readonly<Partial<Record<Problem['kind'], string>>> = {
  unauthenticated: 'invalid_token',
  forbidden: 'insufficient_scope',
  'not-found': 'invalid_client_id',
  invalid: 'invalid_client_metadata',
  'too-many': 'temporarily_unavailable',
  unavailable: 'temporarily_unavailable',
};

/** Sends what went wrong below `/oauth`, in the form of https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
export function sendOauthProblem(response: Response, problem: Problem): void {
  const header = challenge(problem);
  if (header !== undefined) response.set('WWW-Authenticate', header);
  const mayPass = problem.kind === 'unavailable' || problem.kind === 'too-many';
  if (mayPass && !response.hasHeader('Retry-After')) response.set('Retry-After', '1');
  const body = { error: ERRORS[problem.kind] ?? 'invalid_request', error_description: problem.issues[0].text };
  response.status(STATUS[problem.kind]).set('Cache-Control', 'no-store').json(body);
}
