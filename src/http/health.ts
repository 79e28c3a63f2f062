import { Router } from 'express';

/** What the probes ask. */
export interface Health {
  /** True when requests can be answered: the database answers and the server is not stopping. */
  readonly isReady: () => Promise<boolean>;
}

/** How long whoever asks is kept waiting, in milliseconds: a probe that hears nothing learns nothing. */
const PATIENCE = 1_000;

/**
 * Liveness says that the process runs; readiness that it can do its work. Anybody may ask, as often as they like: those who ask
 * at once are told the same, so that they never need more than one connection to the database, and while that says nothing they
 * are told that it is not ready.
 */
export function healthRoutes(health: Health): Router {
  const router = Router();
  let asked: Promise<boolean> | undefined;
  const isReady = () => inTime((asked ??= health.isReady().finally(() => (asked = undefined))));
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'live' });
  });
  router.get('/health/ready', async (_request, response) => {
    const ready = await isReady();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready' });
  });
  return router;
}

/** What it says in time, else no. */
function inTime(asked: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), PATIENCE);
    asked.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
