import { type Request, type Response, Router } from 'express';
import { confirmAddress } from '../consent/confirm-address.ts';
import type { Register } from '../consent/register.ts';
import { EMAIL_PAGE_POLICY, type EmailPage, emailPage } from './email-page.ts';
import { readBytes, readForm } from './read-body.ts';

/** Where the owner of an e-mail address confirms it. Open to everyone who has the code, and to nobody else. */
export function emailRoutes(register: Register): Router {
  const router = Router({ caseSensitive: true });
  router.get('/confirm', (request, response) => {
    response.locals['target'] = 'email.form';
    sendPage(request, response, 200, 'form');
  });
  router.post('/confirm', async (request, response) => {
    response.locals['target'] = 'email.confirm';
    await readBytes(request, response);
    const code = readForm(request).find(([name]) => name === 'code')?.[1] ?? '';
    const confirmed = await confirmAddress(register, String(response.locals['requestId']), code);
    sendPage(request, response, confirmed ? 200 : 422, confirmed ? 'confirmed' : 'not-confirmed');
  });
  return router;
}

function sendPage(request: Request, response: Response, status: number, page: EmailPage): void {
  const language = request.acceptsLanguages('nl', 'en') === 'en' ? 'en' : 'nl';
  response.status(status).set('Cache-Control', 'no-store').set('Content-Security-Policy', EMAIL_PAGE_POLICY);
  response.vary('Accept-Language').type('html').send(emailPage(page, language));
}
