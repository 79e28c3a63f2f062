import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Log } from '../log.ts';
import { type Lane, LANES } from './lane.ts';
import type { Step } from './step.ts';

const registry = new Registry();
collectDefaultMetrics({ register: registry });

const duration = new Histogram({
  name: 'akkoord_request_duration_seconds',
  help: 'Time to answer, by what was asked (never by whom or about whom).',
  labelNames: ['method', 'target', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  registers: [registry],
});

/** What became of what holders brought along. */
export const migratedItems = new Counter({
  name: 'akkoord_migrated_items_total',
  help: 'Items of migrations that were answered, by what became of them.',
  labelNames: ['outcome'],
  registers: [registry],
});

/** What was refused because there was too much, without its sender or address. */
export const refusedRequests = new Counter({
  name: 'akkoord_refused_requests_total',
  help: 'Requests refused because there were too many, by what they met.',
  labelNames: ['reason'],
  registers: [registry],
});

type CountLane = (lane: Lane) => { readonly working: number; readonly waiting: number };
let countLane: CountLane = () => ({ working: 0, waiting: 0 });

/** Shows how many requests are in each lane. Of several servers in one process, the last one counts. */
export function watchLanes(count: CountLane): void {
  countLane = count;
}

new Gauge({
  name: 'akkoord_requests_in_lane',
  help: 'Requests that are worked on, and that wait for their turn, by lane.',
  labelNames: ['lane', 'state'],
  registers: [registry],
  collect() {
    for (const lane of LANES) {
      for (const [state, count] of Object.entries(countLane(lane))) this.set({ lane, state }, count);
    }
  },
});

const delivered = new Histogram({
  name: 'akkoord_notification_lag_seconds',
  help: 'Time from a change to its receipt by a holder; its count is the number of notifications delivered.',
  buckets: [0.1, 0.5, 1, 5, 30, 60, 600, 3600, 21600, 86400],
  registers: [registry],
});

const failed = new Counter({
  name: 'akkoord_notification_attempts_failed_total',
  help: 'Attempts to deliver a notification that a holder did not answer with 2xx.',
  registers: [registry],
});

const expired = new Counter({
  name: 'akkoord_notification_expired_total',
  help: 'Deliveries to a subscription that were given up.',
  registers: [registry],
});

/** Counts what becomes of notifications to holders. */
export const deliveryObserver = {
  delivered: (lag: number): void => delivered.observe(lag / 1000),
  failed: (): void => failed.inc(),
  expired: (): void => expired.inc(),
};

/**
 * Times every request and logs one line for it. The target is a row of the route table (`Consent.check`), never the
 * address, which may hold an id.
 */
export function measure(log: Log): Step {
  return (request, response) => {
    const start = process.hrtime.bigint();
    response.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const target = typeof response.locals['target'] === 'string' ? response.locals['target'] : 'other';
      const labels = { method: methodLabel(request.method ?? ''), target, status: String(response.statusCode) };
      duration.observe(labels, seconds);
      const requestId = String(response.locals['requestId']);
      log.info('request', { ...labels, requestId, milliseconds: Math.round(seconds * 1e6) / 1e3 });
    });
  };
}

/** Prometheus text format. */
export const metricsRoute: RequestHandler = async (_request, response) => {
  response.type(registry.contentType).send(await registry.metrics());
};

/** A made-up method must not make a time series of its own. */
function methodLabel(method: string): string {
  return ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
}
