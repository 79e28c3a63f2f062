import { collectDefaultMetrics, Registry } from 'prom-client';

/** What `/metrics` shows: what Node says of itself, and ours. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });
