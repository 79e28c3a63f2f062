import type { Request, RequestHandler, Response } from 'express';
import type { Identify } from '../auth/identify.ts';
import { openDesk, recordRefusal } from '../consent/perform.ts';
import { problemOf } from '../problem.ts';
import { answerFhir, type Asker, type FhirServer } from './answer-fhir.ts';
import { credentialsOf } from './credentials.ts';
import type { DoorLimits, DoorTimes } from './door-limits.ts';
import type { FhirRequest } from './fhir-exchange.ts';
import { requireJsonAccepted } from './negotiate.ts';
import { isStreamed, readBytes, readForm, readJsonBody } from './read-body.ts';
import { requireOneReading } from './one-reading.ts';
import { pairsOf, segmentsOf } from './request-parts.ts';
import { methodsOf } from './route-table.ts';
import { sendFhir, sendParts } from './send.ts';
import { openStream } from './stream-body.ts';
import { openTurns } from './turns.ts';

/** Express in, FHIR out: reads the request, has it answered, sends the answer. */
export function fhirHandler(server: FhirServer & { readonly limits: DoorLimits }, identify: Identify): RequestHandler {
  const desk = openDesk(server.register);
  const { times } = server.limits;
  const turns = openTurns(server.limits);
  return async (request, response) => {
    const requestId = String(response.locals['requestId']);
    const fhirRequest = await readRequest(request, response, times).catch(async (error: unknown) => {
      throw await recordRefusal(server.register, { target: 'unknown', requestId }, error);
    });
    const asker: Asker = {
      desk,
      requestId,
      isTransaction: false,
      identify: () => identify(credentialsOf(request, `${server.baseUrl}${request.path}`)),
      ...turns(request, response),
      onRoute: (target) => (response.locals['target'] = target),
    };
    const answer = await answerFhir(server, asker, fhirRequest).catch((error: unknown) => {
      if (problemOf(error).kind === 'method-not-allowed') {
        response.set('Allow', methodsOf(server.routes, fhirRequest.segments).join(', '));
      }
      throw error;
    });
    if (answer.parts !== undefined) await sendParts(response, answer.parts);
    else sendFhir(response, server.baseUrl, answer, fhirRequest.headers.prefer);
  };
}

async function readRequest(request: Request, response: Response, times: DoorTimes): Promise<FhirRequest> {
  requireOneReading(request);
  const query = pairsOf(request.url);
  requireJsonAccepted(request.get('accept'), query.find(([name]) => name === '_format')?.[1]);
  const stream = isStreamed(request) ? openStream(request, response, times.idle) : undefined;
  if (stream === undefined) await readBytes(request, times.body);
  return {
    method: request.method,
    segments: segmentsOf(request.path),
    query,
    headers: {
      ...header(request, 'ifMatch', 'if-match'),
      ...header(request, 'ifNoneMatch', 'if-none-match'),
      ...header(request, 'ifNoneExist', 'if-none-exist'),
      ...header(request, 'ifModifiedSince', 'if-modified-since'),
      ...header(request, 'prefer', 'prefer'),
      ...header(request, 'idempotencyKey', 'idempotency-key'),
    },
    json: (isPatch = false) => readJsonBody(request, isPatch),
    form: () => readForm(request),
    stream: () => stream,
  };
}

function header(request: Request, key: keyof FhirRequest['headers'], name: string): Partial<FhirRequest['headers']> {
  const value = request.get(name);
  return value === undefined ? {} : { [key]: value };
}
