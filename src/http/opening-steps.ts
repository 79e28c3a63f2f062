import { randomUUID } from 'node:crypto';
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
  const secure = helmet({ contentSecurityPolicy: { useDefaults: false, directives: POLICY } });
  return [(request, response) => secure(request, response, () => undefined), nameRequest, endLingering, measure(log)];
}

/** Takes the caller's request id when it is no more than an id, so that it can be found back in both logs. */
const nameRequest: Step = (request, response) => {
  const given = headerOf(request, 'x-request-id');
  const id = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  response.locals['requestId'] = id;
  response.setHeader('X-Request-Id', id);
};

/** A sender may read its answer; then it cannot go on for ever with a body that nobody reads. */
const endLingering: Step = (request, response) => {
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => request.destroy(), LINGER).unref();
    request.once('close', () => clearTimeout(timer));
  });
};
