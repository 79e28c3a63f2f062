import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { InteractionResults, Provider } from 'oidc-provider';
import type { BsnVault } from '../consent/bsn-vault.ts';
import { accountOf } from './digid.ts';
import { DIGID_LEVELS, digidPage } from './digid-page.ts';
import { isTestCitizen } from './people.ts';

/** Most that the page sends, in bytes. */
const MOST_BYTES = 2048;

/** The stand-in for DigiD: the page on which somebody is chosen, and the OpenID provider around it. */
export function digidRoutes(baseUrl: string, provider: Provider, vault: BsnVault): Router {
  const router = Router({ caseSensitive: true });
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: MOST_BYTES });
  router.use(asConfigured(baseUrl));
  router.get('/interaction/:uid', async (request, response) => {
    if (await isOpen(provider, request, response)) sendPage(request, response, 200);
  });
  router.post('/interaction/:uid', form, async (request, response) => {
    if (!(await isOpen(provider, request, response))) return;
    const result = resultOf(vault, new URLSearchParams(typeof request.body === 'string' ? request.body : ''));
    if (result === undefined) sendPage(request, response, 422);
    else await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  router.use(provider.callback());
  return router;
}

/**
 * Addresses come from the configuration, not from what a caller says the host is. And nobody is signed in because somebody
 * was before: the provider never sees a session of its own again.
 */
function asConfigured(baseUrl: string): RequestHandler {
  const { host, protocol } = new URL(baseUrl);
  return (request, _response, next) => {
    const { headers } = request;
    Object.assign(headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) });
    const cookies = (headers.cookie ?? '').split(';').filter((pair) => !/^\s*_session(?:\.sig)?=/.test(pair));
    headers.cookie = cookies.join(';');
    next();
  };
}

/** Whether this browser is signing in; if not, it is sent to begin. */
async function isOpen(provider: Provider, request: Request, response: Response): Promise<boolean> {
  const open = await provider.interactionDetails(request, response).then(
    ({ uid }) => uid === request.params['uid'],
    () => false,
  );
  if (!open) response.set('Cache-Control', 'no-store').redirect(303, '/');
  return open;
}

/** What the form says; nothing for a number that may be a person's. */
function resultOf(vault: BsnVault, form: URLSearchParams): InteractionResults | undefined {
  if (form.get('do') === 'cancel') return { error: 'access_denied' };
  const other = (form.get('other') ?? '').trim();
  const bsn = other === '' ? (form.get('citizen') ?? '') : other;
  const chosen = DIGID_LEVELS.find(({ level }) => level === form.get('level'));
  if (!isTestCitizen(bsn) || chosen === undefined) return undefined;
  return { login: { accountId: accountOf(vault, bsn), acr: chosen.acr, remember: false } };
}

function sendPage(request: Request, response: Response, status: number): void {
  const language = request.acceptsLanguages('nl', 'en') === 'en' ? 'en' : 'nl';
  const { html, policy } = digidPage(language, status === 422);
  response.status(status).set('Cache-Control', 'no-store').set('Content-Security-Policy', policy);
  response.vary('Accept-Language').type('html').send(html);
}
