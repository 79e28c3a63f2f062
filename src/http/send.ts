import { operationOutcome, successOutcome } from '../fhir/outcome.ts';
import type { Problem, ProblemKind } from '../problem.ts';
import { challenge } from './challenge.ts';
import type { FhirResponse } from './fhir-exchange.ts';
import { returnPreference } from './preconditions.ts';
import { STATUS } from './problem-status.ts';
import type { Reply } from './step.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
/** Seconds after which a caller may try again. */
const RETRY_AFTER = '1';
const MAY_PASS: ReadonlySet<ProblemKind> = new Set(['unavailable', 'too-many', 'in-progress']);

/** Sends an answer as FHIR says: status, ETag, Last-Modified, Location, and the body the caller prefers. */
export function sendFhir(response: Reply, baseUrl: string, answer: FhirResponse, prefer: string | undefined): void {
  if (answer.version !== undefined) response.setHeader('ETag', `W/"${answer.version}"`);
  if (answer.lastModified !== undefined) {
    response.setHeader('Last-Modified', new Date(answer.lastModified).toUTCString());
  }
  if (answer.location !== undefined) response.setHeader('Location', `${baseUrl}/${answer.location}`);
  send(response, answer.status, preferredBody(answer, prefer));
}

/** A resource as a whole; nothing, when there is none. */
function send(response: Reply, status: number, resource: object | undefined): void {
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  if (resource === undefined) {
    response.end();
    return;
  }
  const text = JSON.stringify(resource);
  response.setHeader('Content-Type', FHIR_JSON);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

/** Sends a body as it comes; it is asked for no faster than the caller reads, and no more once the caller has gone. */
export async function sendParts(response: Reply, parts: AsyncIterable<string>): Promise<void> {
  response.statusCode = 200;
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', FHIR_JSON);
  for await (const part of parts) {
    if (response.destroyed) return;
    if (!response.write(part)) await untilReady(response);
  }
  response.end();
}

/** Resolves when more can be written, or when nobody reads any more. */
function untilReady(response: Reply): Promise<void> {
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
export function sendProblem(response: Reply, problem: Problem): void {
  const header = challenge(problem);
  if (header !== undefined) response.setHeader('WWW-Authenticate', header);
  if (MAY_PASS.has(problem.kind) && !response.hasHeader('Retry-After')) response.setHeader('Retry-After', RETRY_AFTER);
  send(response, STATUS[problem.kind], operationOutcome(problem));
}
