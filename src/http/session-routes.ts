import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import type { OpenidLogin } from '../auth/openid-login.ts';
import { lookAtSession, useSession } from '../auth/session.ts';
import type { Register } from '../consent/register.ts';
import { ATTEMPT_LIFE, beginSignIn, finishSignIn } from '../consent/sign-in.ts';
import { refuseSignOut, signOut } from '../consent/sign-out.ts';
import { refusalPage } from '../portal/refusal-page.ts';
import { startPage } from '../portal/start-page.ts';
import { problem, problemOf } from '../problem.ts';
import { STATUS } from './problem-status.ts';
import { reportFault } from './report-fault.ts';
import { sendPage } from './send-page.ts';
import { type SessionCookies, sessionCookies } from './session-cookies.ts';

/** What the citizens' pages are answered with. */
export interface SessionServer {
  readonly register: Register;
  readonly baseUrl: string;
  /** Absent: nobody can sign in here. */
  readonly login?: OpenidLogin;
}

/** What a browser is to forget when somebody signs out, pages one can go back to included: https://www.w3.org/TR/clear-site-data/ */
const LEFT_BEHIND = '"cache", "storage"';

type Answer = (request: Request, response: Response) => Promise<void>;

/** Where citizens sign in and out with a browser: the start page, the way there and back, and what there is of a session. */
export function sessionRoutes(server: SessionServer): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const cookies = sessionCookies(server.baseUrl);
  router.get('/', named('Session.page', showStart(server, cookies)));
  router.get('/session', named('Session.read', showSession(server, cookies)));
  router.post('/logout', named('Session.delete', endSession(server, cookies)));
  const { login } = server;
  if (login !== undefined) {
    router.get('/login', named('Session.begin', goToLogin({ ...server, login }, cookies)));
    // Express answers HEAD as GET, and a code counts once.
    router.head('/login/callback', refuseHead);
    router.get('/login/callback', named('Session.create', comeBack({ ...server, login }, cookies)));
  }
  router.use(answerWithPage(server));
  return router;
}

/** For the metrics and the log. */
function named(target: string, answer: Answer): Answer {
  return (request, response) => {
    response.locals['target'] = target;
    return answer(request, response);
  };
}

function showStart({ register, baseUrl, login }: SessionServer, cookies: SessionCookies): Answer {
  const signIn = login === undefined ? undefined : `${baseUrl}/login`;
  return async (request, response) => {
    const session = await useSession(register.database, cookies.read(request, 'session'));
    sendPage(request, response, 200, (language) => startPage(language, session, signIn));
  };
}

/** Looked at, not used: a page that asks again and again must not keep it alive (rule 13 of `auth`). */
function showSession({ register }: SessionServer, cookies: SessionCookies): Answer {
  return async (request, response) => {
    const session = await lookAtSession(register.database, cookies.read(request, 'session'));
    response.set('Cache-Control', 'no-store');
    if (session === undefined) {
      response.set('WWW-Authenticate', 'Cookie realm="akkoord", form-action="/login"');
      response.status(401).json({ error: 'not-signed-in' });
      return;
    }
    const { assurance, expiresAt } = session;
    response.json({ expires: new Date(expiresAt).toISOString(), assurance });
  };
}

function goToLogin(server: Required<SessionServer>, cookies: SessionCookies): Answer {
  return async (_request, response) => {
    const { address, attempt } = await beginSignIn(server, requestIdOf(response));
    cookies.write(response, 'sign-in', attempt, ATTEMPT_LIFE);
    response.set('Cache-Control', 'no-store').redirect(303, address);
  };
}

/** A sign-in counts once: whatever becomes of it, the browser forgets that it began one. */
function comeBack(server: Required<SessionServer>, cookies: SessionCookies): Answer {
  return async (request, response) => {
    const requestId = requestIdOf(response);
    const attempt = cookies.read(request, 'sign-in');
    cookies.clear(response, 'sign-in');
    const start = request.url.indexOf('?');
    const query = start < 0 ? '' : request.url.slice(start);
    const token = await finishSignIn(server, requestId, { attempt, query });
    await endEarlier(server, requestId, cookies.read(request, 'session'));
    cookies.write(response, 'session', token);
    response.set('Cache-Control', 'no-store').redirect(303, '/');
  };
}

/** Whoever was signed in in this browser is so no longer: the citizen's own session is replaced already. */
async function endEarlier({ register }: SessionServer, requestId: string, earlier: string | undefined): Promise<void> {
  if ((await lookAtSession(register.database, earlier)) !== undefined) await signOut(register, requestId, earlier);
}

function endSession({ register, baseUrl }: SessionServer, cookies: SessionCookies): Answer {
  return async (request, response) => {
    const requestId = requestIdOf(response);
    if (!isOwnPage(request, baseUrl)) throw await refuseSignOut(register, requestId);
    cookies.clear(response, 'session');
    await signOut(register, requestId, cookies.read(request, 'session'));
    response.set('Cache-Control', 'no-store').set('Clear-Site-Data', LEFT_BEHIND).redirect(303, '/');
  };
}

/**
 * Whether a page of ours sent this form. Browsers say so: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header, and
 * those that do not yet say from which origin. Who says neither is refused.
 */
function isOwnPage(request: Request, baseUrl: string): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  return request.get('origin') === new URL(baseUrl).origin;
}

function refuseHead(_request: Request, response: Response): void {
  response.set('Allow', 'GET');
  throw problem('method-not-allowed', 'method-not-allowed', 'This address does not take this method.');
}

/** People see a page; who asks for JSON is answered as everywhere. */
function answerWithPage({ register }: SessionServer): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent || request.path === '/session') {
      next(error);
      return;
    }
    const refusal = problemOf(error);
    reportFault(register.log, requestIdOf(response), refusal);
    sendPage(request, response, STATUS[refusal.kind], (language) => refusalPage(language, refusal.issues[0].code));
  };
}

function requestIdOf(response: Response): string {
  return String(response.locals['requestId']);
}
