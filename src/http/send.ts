import type { Response } from 'express';
import { operationOutcome, successOutcome } from '../fhir/outcome.ts';
import type { Problem, ProblemKind } from '../problem.ts';
import { challenge } from './challenge.ts';
import type { FhirResponse } from './fhir-exchange.ts';
import { returnPreference } from './preconditions.ts';
import { STATUS } from './problem-status.ts';

const FHIR_JSON = 'application/fhir+json; charset=utf-8';
/** Seconds after which a caller may try again. */
const RETRY_AFTER = '1';
const MAY_PASS: ReadonlySet<ProblemKind> = new Set(['unavailable', 'too-many', 'in-progress']);

/** Sends an answer as FHIR says: status, ETag, Last-Modified, Location, and the body the caller prefers. */
export function sendFhir(response: Response, baseUrl: string, answer: FhirResponse, prefer: string | undefined): void {
  response.status(answer.status).set('Cache-Control', 'no-store');
  if (answer.version !== undefined) response.set('ETag', `W/"${answer.version}"`);
  if (answer.lastModified !== undefined) response.set('Last-Modified', new Date(answer.lastModified).toUTCString());
  if (answer.location !== undefined) response.set('Location', `${baseUrl}/${answer.location}`);
  const body = preferredBody(answer, prefer);
  if (body === undefined) response.end();
  else response.set('Content-Type', FHIR_JSON).send(JSON.stringify(body));
}

/** Sends a body as it comes; it is asked for no faster than the caller reads, and no more once the caller has gone. */
export async function sendParts(response: Response, parts: AsyncIterable<string>): Promise<void> {
  response.status(200).set('Cache-Control', 'no-store').set('Content-Type', FHIR_JSON);
  for await (const part of parts) {
    if (response.destroyed) return;
    if (!response.write(part)) await untilReady(response);
  }
  response.end();
}

/** Resolves when more can be written, or when nobody reads any more. */
function untilReady(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const ready = (): void => {
      response.off('drain', ready).off('close', ready);
      resolve();
    };
    response.on('drain', ready).on('close', ready);
  });
}

/** `Prefer: return` is about answers to a change of one resource, which are the ones with an address or a version. */
export function preferredBody(answer: FhirResponse, prefer: string | undefined): object | undefined {
  if (answer.changed !== true) return answer.resource;
  const preference = returnPreference(prefer);
  if (preference === 'minimal') return undefined;
  return preference === 'OperationOutcome' ? successOutcome('Recorded.') : answer.resource;
}

/** Sends what went wrong. The one place where a kind of problem becomes a status. */
export function sendProblem(response: Response, problem: Problem): void {
  const header = challenge(problem);
  if (header !== undefined) response.set('WWW-Authenticate', header);
  if (MAY_PASS.has(problem.kind) && !response.hasHeader('Retry-After')) response.set('Retry-After', RETRY_AFTER);
  response.status(STATUS[problem.kind]).set('Cache-Control', 'no-store').set('Content-Type', FHIR_JSON);
  response.send(JSON.stringify(operationOutcome(problem)));
}
