import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Log } from '../log.ts';
import { type Lane, LANES } from './lane.ts';
import { registry } from './metrics-registry.ts';
import type { Reply, Step } from './step.ts';

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

/** Times every request and logs one line for it. */
export function measure(log: Log): Step {
  return (request, response) => {
    const start = performance.now();
    response.once('close', () => {
      const milliseconds = performance.now() - start;
      const labels = { method: methodOf(request), target: targetOf(response), status: String(response.statusCode) };
      duration.observe(labels, milliseconds / 1e3);
      const requestId = String(response.locals['requestId']);
      log.info('request', { ...labels, requestId, milliseconds: Math.round(milliseconds * 1e3) / 1e3 });
    });
  };
}

/** Prometheus text format. */
export const metricsRoute: RequestHandler = async (_request, response) => {
  response.type(registry.contentType).send(await registry.metrics());
};

/** A made-up method must not make a time series of its own. */
export function methodOf({ method = '' }: IncomingMessage): string {
  return ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
}

/** What was asked: a row of the route table (`Consent.check`), never the address, which may hold an id. */
export function targetOf({ locals }: Reply): string {
  const target = locals['target'];
  return typeof target === 'string' ? target : 'other';
}
