import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { measure } from './metrics.ts';
import { headerOf, type Step } from './step.ts';

/** How long a connection may stay when the answer was sent before the body had arrived, in milliseconds. */
const LINGER = 5_000;

/** A UUID, or a trace id of 32 hexadecimal digits: what else an id could say, a BSN for one, stays out of both logs. */
const REQUEST_ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** What a browser may do with an answer that is no page: nothing. A page says for itself what it needs. */
const POLICY = {
  defaultSrc: ["'none'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** What is done first with every request, whatever it asks. */
export function openingSteps(log: Log): readonly Step[] {
  return [guard, nameRequest, endLingering, measure(log)];
}

/** What helmet says of every answer: it is asked once, because it would say the same each time. */
export const GUARDING_HEADERS: readonly (readonly [string, string])[] = (() => {
  const headers: (readonly [string, string])[] = [];
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  response.setHeader = (name, value) => {
    headers.push([name, String(value)]);
    return response;
  };
  helmet({ contentSecurityPolicy: { useDefaults: false, directives: POLICY } })(request, response, () => undefined);
  return headers;
})();

const guard: Step = (_request, response) => {
  for (const [name, value] of GUARDING_HEADERS) response.setHeader(name, value);
};

/** The caller's request id when it is no more than an id, so that it can be found back in both logs; else one of our own. */
export function requestIdOf(request: IncomingMessage): string {
  const given = headerOf(request, 'x-request-id');
  return given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
}

const nameRequest: Step = (request, response) => {
  const id = requestIdOf(request);
  response.locals['requestId'] = id;
  response.setHeader('X-Request-Id', id);
};

/** A sender may read its answer; then it cannot go on for ever with a body that nobody reads. */
export const endLingering = (request: IncomingMessage, response: ServerResponse): void => {
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => request.destroy(), LINGER).unref();
    request.once('close', () => clearTimeout(timer));
  });
};
