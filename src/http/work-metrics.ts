import { Counter, Gauge, Histogram } from 'prom-client';
import type { JudgeObserver } from '../consent/judge-together.ts';
import { registry } from './metrics-registry.ts';

const decisions = new Counter({
  name: 'akkoord_decisions_total',
  help: 'Decisions of $check that were recorded, by what was decided and why (never about whom).',
  labelNames: ['decision', 'reason'],
  registers: [registry],
});

const together = new Histogram({
  name: 'akkoord_calls_together',
  help: 'Calls that shared one go at the database, by what was done.',
  labelNames: ['work'],
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  registers: [registry],
});

const queues = new Map<string, () => number>();

new Gauge({
  name: 'akkoord_calls_waiting',
  help: 'Calls that wait for the next go at the database, by what is to be done.',
  labelNames: ['work'],
  registers: [registry],
  collect() {
    for (const [work, waiting] of queues) this.set({ work }, waiting());
  },
});

/** Counts what is decided, and what is done together. Of several servers in one process, the queues of the last one count. */
export const workObserver: JudgeObserver = {
  decided: ({ decision, reason }) => decisions.inc({ decision, reason }),
  opened: (work, waiting) => void queues.set(work, waiting),
  began: (work, size) => together.observe({ work }, size),
};

type CountConnections = () => Readonly<Record<'working' | 'idle' | 'waiting', number>>;
let countConnections: CountConnections | undefined;

/** Shows how the database's connections are used. Of several servers in one process, the last one counts. */
export function watchConnections(count: CountConnections): void {
  countConnections = count;
}

new Gauge({
  name: 'akkoord_database_connections',
  help: 'Connections to the database that work and that are idle, and those who wait for one.',
  labelNames: ['state'],
  registers: [registry],
  collect() {
    for (const [state, count] of Object.entries(countConnections?.() ?? {})) this.set({ state }, count);
  },
});
