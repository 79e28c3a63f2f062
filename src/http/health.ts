import { Router } from 'express';

/** What the probes ask. */
export interface Health {
  /** True when requests can be answered: the database answers and the server is not stopping. */
  readonly isReady: () => Promise<boolean>;
}

/** Liveness says that the process runs; readiness that it can do its work. */
export function healthRoutes(health: Health): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'live' });
  });
  router.get('/health/ready', async (_request, response) => {
    const ready = await health.isReady();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready' });
  });
  return router;
}
