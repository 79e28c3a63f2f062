import express, { type ErrorRequestHandler, Router } from 'express';

/** Most notifications that are kept for one organisation, the size of one, and for how many organisations. */
const MOST_KEPT = 100;
const MOST_BYTES = 64 * 1024;
const MOST_ORGANIZATIONS = 1000;

/** A notification as it arrived. */
interface Received {
  readonly receivedAt: string;
  /** Its `webhook-…` headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * A receiver of notifications to look at: it takes whatever is posted to `/:ura`, checks nothing but its size, and shows the
 * last hundred of each organisation, newest first. In memory: a restart forgets them.
 */
export function receivedNotifications(): Router {
  const kept = new Map<string, Received[]>();
  const router = Router();
  router.post('/:ura', express.raw({ type: () => true, limit: MOST_BYTES }), (request, response) => {
    const { ura = '' } = request.params as { ura?: string };
    if (!/^[0-9]{8}$/.test(ura)) {
      response.status(404).end();
      return;
    }
    const received = kept.get(ura) ?? [];
    received.unshift({
      receivedAt: new Date().toISOString(),
      headers: webhookHeaders(request.headers),
      body: readBody(request.body),
    });
    received.length = Math.min(received.length, MOST_KEPT);
    kept.delete(ura);
    kept.set(ura, received);
    const [oldest = ''] = kept.keys();
    if (kept.size > MOST_ORGANIZATIONS) kept.delete(oldest);
    response.status(204).end();
  });
  router.get('/:ura', (request, response) => {
    response.set('Cache-Control', 'no-store').json(kept.get(request.params.ura) ?? []);
  });
  router.use(refuseBody);
  return router;
}

/** What cannot be read is the sender's matter: too large, cut off, or in an unknown encoding. */
const refuseBody: ErrorRequestHandler = (error: { readonly status?: number }, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(error.status ?? 400).end();
};

function webhookHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const given = Object.entries(headers).filter(([name]) => name.startsWith('webhook-') || name === 'content-type');
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** As JSON when it is JSON, else as text. */
function readBody(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : '';
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
