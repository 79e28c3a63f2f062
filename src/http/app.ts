import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import type { Log } from '../log.ts';
import { type Problem, problem, problemOf } from '../problem.ts';
import { type Health, healthRoutes } from './health.ts';
import { metricsRoute } from './metrics.ts';
import { sendOauthProblem } from './oauth-problem.ts';
import { requireOneReading } from './one-reading.ts';
import { openingSteps } from './opening-steps.ts';
import { problemFromExpress } from './problem-from-express.ts';
import { reportFault } from './report-fault.ts';
import { sendProblem } from './send.ts';
import type { Reply, Step } from './step.ts';
import { traceRequests } from './trace-requests.ts';

/** What is answered with what. */
export interface AppParts {
  readonly log: Log;
  readonly health: Health;
  /** What keeps too much out before anything is done of it, around all of this. */
  readonly outermost: (listener: RequestListener) => RequestListener;
  /** What keeps too much out, before anybody is asked who it is from. */
  readonly limits: readonly Step[];
  readonly fhir: Step;
  /** The built-in authorisation server, when there is one. */
  readonly oauth?: Router;
  /** Where e-mail addresses are confirmed. */
  readonly email: Router;
  /** Where citizens sign in and out. */
  readonly session: Router;
  /** What only the sandbox has, each below its own name. */
  readonly sandbox?: Readonly<Record<string, Router>>;
}

/** What requests are answered with. */
export interface Stack {
  readonly app: Express;
  /** What a server listens with: the app, with a shorter way to FHIR. */
  readonly listener: RequestListener;
}

/** The Express stack, in order: this function is the list of steps a request goes through. */
function createApp(parts: AppParts, opening: readonly Step[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', false);
  for (const step of opening) app.use(inStack(step));
  app.use(healthRoutes(parts.health));
  app.get('/metrics', metricsRoute);
  for (const limit of parts.limits) app.use(inStack(limit));
  app.use('/oauth', inStack(requireOneReading));
  if (parts.oauth !== undefined) app.use(parts.oauth);
  app.use('/fhir', (request, response) => parts.fhir(request, response));
  app.use(inStack(requireOneReading));
  app.use('/email', parts.email);
  for (const [name, router] of Object.entries(parts.sandbox ?? {})) app.use(`/sandbox/${name}`, router);
  app.use(parts.session);
  app.use(() => {
    throw problem('not-found', 'no-such-route', 'There is nothing at this address.');
  });
  app.use(answerProblem(parts.log));
  return app;
}

/** Below `/fhir`, but for the one document there that describes the authorisation server. */
const FHIR_ADDRESS = /^\/fhir\/(?!\.well-known)/;

/**
 * FHIR takes its steps of the stack one after another, everything else goes through the stack. The answers are the same; to
 * find its way to them, Express takes longer than the steps do.
 */
export function openStack(parts: AppParts): Stack {
  const opening = openingSteps(parts.log);
  const app = createApp(parts, opening);
  const steps = [...opening, ...parts.limits, parts.fhir];
  const listener: RequestListener = (request, response) => {
    if (!FHIR_ADDRESS.test(request.url ?? '')) app(request, response);
    else void takeSteps(steps, parts.log, request, Object.assign(response, { locals: {} }));
  };
  return { app, listener: parts.outermost(traceRequests(listener)) };
}

async function takeSteps(steps: readonly Step[], log: Log, ...[request, response]: Parameters<Step>): Promise<void> {
  try {
    for (const step of steps) await step(request, response);
  } catch (error) {
    sendFault(log, response, problemOf(error), sendProblem);
  }
}

function inStack(step: Step): RequestHandler {
  return async (request, response, next) => {
    await step(request, response);
    next();
  };
}

/**
 * The last step: whatever was thrown becomes an OperationOutcome, or below `/oauth` an error of OAuth; what is not a Problem
 * is our fault and is logged.
 */
function answerProblem(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const hasBegun = response.headersSent;
    sendFault(
      log,
      response,
      problemFromExpress(error),
      request.path.startsWith('/oauth/') ? sendOauthProblem : sendProblem,
    );
    if (hasBegun) next();
  };
}

/** What has begun to leave is broken off, so that nobody takes it for the whole. */
function sendFault<Target extends Reply>(
  log: Log,
  response: Target,
  fault: Problem,
  send: (response: Target, fault: Problem) => void,
): void {
  reportFault(log, String(response.locals['requestId']), fault);
  if (response.headersSent) response.destroy();
  else send(response, fault);
}
