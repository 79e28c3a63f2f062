import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { problem } from '../problem.ts';
import { type Health, healthRoutes } from './health.ts';
import { measure, metricsRoute } from './metrics.ts';
import { sendOauthProblem } from './oauth-problem.ts';
import { problemFromExpress } from './problem-from-express.ts';
import { refuseTwoReadings } from './one-reading.ts';
import { reportFault } from './report-fault.ts';
import { sendProblem } from './send.ts';

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

/** The Express stack, in order: this function is the list of steps a request goes through. */
export function createApp(parts: {
  readonly log: Log;
  readonly health: Health;
  /** Addresses and networks whose word for where a request came from is taken. */
  readonly trustedProxies: readonly string[];
  readonly limitAddress: RequestHandler;
  readonly fhir: RequestHandler;
  /** The built-in authorisation server, when there is one. */
  readonly oauth?: Router;
  /** Where e-mail addresses are confirmed. */
  readonly email: Router;
  /** Where citizens sign in and out. */
  readonly session: Router;
  /** What only the sandbox has, each below its own name. */
  readonly sandbox?: Readonly<Record<string, Router>>;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', false);
  app.set('trust proxy', parts.trustedProxies);
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: POLICY } }));
  app.use(nameRequest);
  app.use(endLingering);
  app.use(measure(parts.log));
  app.use(healthRoutes(parts.health));
  app.get('/metrics', metricsRoute);
  app.use(parts.limitAddress);
  app.use('/oauth', refuseTwoReadings);
  if (parts.oauth !== undefined) app.use(parts.oauth);
  app.use('/fhir', parts.fhir);
  app.use(refuseTwoReadings);
  app.use('/email', parts.email);
  for (const [name, router] of Object.entries(parts.sandbox ?? {})) app.use(`/sandbox/${name}`, router);
  app.use(parts.session);
  app.use(() => {
    throw problem('not-found', 'no-such-route', 'There is nothing at this address.');
  });
  app.use(answerProblem(parts.log));
  return app;
}

/** Takes the caller's request id when it is no more than an id, so that it can be found back in both logs. */
const nameRequest: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  const id = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  response.locals['requestId'] = id;
  response.set('X-Request-Id', id);
  next();
};

/** A sender may read its answer; then it cannot go on for ever with a body that nobody reads. */
const endLingering: RequestHandler = (request, response, next) => {
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => request.destroy(), LINGER).unref();
    request.once('close', () => clearTimeout(timer));
  });
  next();
};

/**
 * The last step: whatever was thrown becomes an OperationOutcome, or below `/oauth` an error of OAuth; what is not a Problem
 * is our fault and is logged.
 */
function answerProblem(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const answered = problemFromExpress(error);
    reportFault(log, String(response.locals['requestId']), answered);
    if (!response.headersSent) {
      if (request.path.startsWith('/oauth/')) sendOauthProblem(response, answered);
      else sendProblem(response, answered);
      return;
    }
    // What has begun to leave is broken off, so that nobody takes it for the whole.
    response.destroy();
    next();
  };
}
