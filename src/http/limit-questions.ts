import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { operationOutcome } from '../fhir/outcome.ts';
import { countBusy, tooBusy } from './lanes.ts';
import { endLingering, GUARDING_HEADERS, requestIdOf } from './opening-steps.ts';
import { FHIR_JSON } from './send.ts';

/** A question, in each spelling of its address that is answered. */
const QUESTION = /^\/fhir\/Consent\/\$check\/?(?:\?|$)/;

/** After how many seconds who was refused may come again; one that comes sooner is not read until then. */
const REST = 2;

/** What is said to each that is refused, made once. */
const BODY = JSON.stringify(operationOutcome(tooBusy()));
const HEADERS: readonly string[] = [
  ...GUARDING_HEADERS.flat(),
  ...['Cache-Control', 'no-store', 'Content-Type', FHIR_JSON, 'Content-Length', String(Buffer.byteLength(BODY))],
  ...['Retry-After', String(REST), 'X-Request-Id'],
];

/** What is refused before anything else is done. @param requestId what it was called in its answer */
export type OnRefused = (requestId: string) => void;

/**
 * Refuses a question when so many are in hand already, before anything is read or done of it: to refuse has to cost so little that
 * there is time left to answer the others. It is counted, in the metrics and by `onRefused`, and has no line in the log of its own.
 * Its connection is not read again before the time its sender is told to wait, so that refusals cannot take all the time there is.
 */
export function limitQuestions(most: number, onRefused: OnRefused, listener: RequestListener): RequestListener {
  let inHand = 0;
  return (request, response) => {
    if (!QUESTION.test(request.url ?? '')) {
      listener(request, response);
    } else if (inHand >= most) {
      onRefused(refuse(request, response));
    } else {
      inHand += 1;
      response.once('close', () => (inHand -= 1));
      listener(request, response);
    }
  };
}

function refuse(request: IncomingMessage, response: ServerResponse): string {
  const requestId = requestIdOf(request);
  countBusy();
  endLingering(request, response);
  response.writeHead(503, [...HEADERS, requestId]).end(BODY);
  // Not sooner: to throw away what is left of the request, it is read on.
  request.once('close', () => rest(request.socket));
  return requestId;
}

function rest(socket: Socket): void {
  socket.pause();
  const timer = setTimeout(() => socket.resume(), REST * 1000).unref();
  socket.once('close', () => clearTimeout(timer));
}
