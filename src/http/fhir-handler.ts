import type { Caller } from '../auth/caller.ts';
import type { Identify } from '../auth/identify.ts';
import { openDesk, recordRefusal } from '../consent/perform.ts';
import { problemOf } from '../problem.ts';
import { answerFhir, type Asker, type FhirServer } from './answer-fhir.ts';
import { credentialsOf } from './credentials.ts';
import type { DoorLimits, DoorTimes } from './door-limits.ts';
import type { FhirRequest } from './fhir-exchange.ts';
import { requireJsonAccepted } from './negotiate.ts';
import { hasBody, isStreamed, readBytes, readForm, readJsonBody } from './read-body.ts';
import { requireOneReading } from './one-reading.ts';
import { pairsOf, segmentsOf } from './request-parts.ts';
import { methodsOf } from './route-table.ts';
import { sendFhir, sendParts } from './send.ts';
import { type Arrived, headerOf, pathOf, type Reply, type Step } from './step.ts';
import { openStream, throwAwayRest } from './stream-body.ts';
import { openTurns } from './turns.ts';

/** Where FHIR is. */
const BASE = '/fhir';

/** HTTP in, FHIR out: reads the request, has it answered, sends the answer. */
export function fhirHandler(server: FhirServer & { readonly limits: DoorLimits }, identify: Identify): Step {
  const desk = openDesk(server.register);
  const { times } = server.limits;
  const turns = openTurns(server.limits);
  return async (request, response) => {
    const requestId = String(response.locals['requestId']);
    let asked: Promise<Caller> | undefined;
    const whoAsks = () =>
      (asked ??= identify(credentialsOf(request, `${server.baseUrl}${pathOf(request).slice(BASE.length)}`)));
    const fhirRequest = await readRequest(request, response, times, whoAsks).catch(async (error: unknown) => {
      const caller = await asked?.catch(() => undefined);
      const access = { target: 'unknown', requestId, ...(caller === undefined ? {} : { caller }) } as const;
      throw await recordRefusal(server.register, access, error);
    });
    const asker: Asker = {
      desk,
      requestId,
      isTransaction: false,
      identify: whoAsks,
      onRoute: (target) => (response.locals['target'] = target),
      ...turns(request, response),
    };
    const answer = await answerFhir(server, asker, fhirRequest).catch((error: unknown) => {
      if (problemOf(error).kind === 'method-not-allowed') {
        response.setHeader('Allow', methodsOf(server.routes, fhirRequest.segments).join(', '));
      }
      throw error;
    });
    if (answer.parts !== undefined) await sendParts(response, answer.parts);
    else sendFhir(response, server.baseUrl, answer, fhirRequest.headers.prefer);
  };
}

async function readRequest(
  request: Arrived,
  response: Reply,
  times: DoorTimes,
  whoAsks: () => Promise<Caller>,
): Promise<FhirRequest> {
  requireOneReading(request);
  const query = pairsOf(request.url ?? '');
  requireJsonAccepted(headerOf(request, 'accept'), query.find(([name]) => name === '_format')?.[1]);
  const stream = await readBody(request, response, times, whoAsks);
  return {
    method: request.method ?? '',
    segments: segmentsOf(pathOf(request).slice(BASE.length)),
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

/**
 * The body, when it is one that is read as it arrives; any other is read, when it is of somebody known: who is not is told so
 * at once, and holds nothing here by sending much of it, slowly.
 */
async function readBody(
  request: Arrived,
  response: Reply,
  times: DoorTimes,
  whoAsks: () => Promise<Caller>,
): Promise<AsyncIterable<Buffer> | undefined> {
  const streamed = isStreamed(request);
  if (!streamed && !hasBody(request)) return undefined;
  const isKnown = await whoAsks().then(
    () => true,
    () => false,
  );
  if (isKnown && streamed) return openStream(request, response, times.idle);
  if (isKnown) await readBytes(request, times.body);
  else throwAwayRest(request);
  return undefined;
}

function header(request: Arrived, key: keyof FhirRequest['headers'], name: string): Partial<FhirRequest['headers']> {
  const value = headerOf(request, name);
  return value === undefined ? {} : { [key]: value };
}
