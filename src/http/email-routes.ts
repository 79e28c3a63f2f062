import { type Request, Router } from 'express';
import { confirmAddress } from '../consent/confirm-address.ts';
import { recordRefusal } from '../consent/perform.ts';
import type { Register } from '../consent/register.ts';
import type { DoorTimes } from './door-limits.ts';
import { emailPage } from './email-page.ts';
import { LONGEST_FORM, readBytes, readForm } from './read-body.ts';
import { sendPage } from './send-page.ts';

/** Where the owner of an e-mail address confirms it. Open to everyone who has the code, and to nobody else. */
export function emailRoutes(register: Register, times: DoorTimes): Router {
  const router = Router({ caseSensitive: true });
  router.get('/confirm', (request, response) => {
    response.locals['target'] = 'email.form';
    sendPage(request, response, 200, (language) => emailPage('form', language));
  });
  router.post('/confirm', async (request, response) => {
    response.locals['target'] = 'email.confirm';
    const requestId = String(response.locals['requestId']);
    const code = await readCode(request, times).catch(async (error: unknown) => {
      throw await recordRefusal(register, { target: 'Patient.update', requestId }, error);
    });
    const confirmed = await confirmAddress(register, requestId, code);
    const page = confirmed ? 'confirmed' : 'not-confirmed';
    sendPage(request, response, confirmed ? 200 : 422, (language) => emailPage(page, language));
  });
  return router;
}

async function readCode(request: Request, times: DoorTimes): Promise<string> {
  await readBytes(request, times.body, LONGEST_FORM);
  return readForm(request).find(([name]) => name === 'code')?.[1] ?? '';
}
