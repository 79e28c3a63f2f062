import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, Histogram } from 'prom-client';
import { registry } from './metrics-registry.ts';

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

/** Something that waits to leave. */
interface Waiting {
  readonly count: number;
  /** How long the oldest has waited, in milliseconds. */
  readonly oldest: number;
}

/** What waits to leave, of all servers on the database together. */
type Outbox = Readonly<Record<'notifications' | 'mails', Waiting>>;
type ReadOutbox = () => Promise<Outbox>;

/** How long a reader of the metrics waits for the database, in milliseconds. */
const PATIENCE = 1500;

let readOutbox: ReadOutbox = () => Promise.reject(new Error('nobody has an outbox'));
let reading: Promise<Outbox | undefined> | undefined;

/** Shows what waits to leave. Of several servers in one process, the last one counts. */
export function watchOutbox(read: ReadOutbox): void {
  readOutbox = read;
}

const waiting = new Gauge({
  name: 'akkoord_outbox_waiting',
  help: 'Notifications and mails that have not left. Absent when the database does not tell.',
  labelNames: ['kind'],
  registers: [registry],
  collect: showOutbox,
});

const oldest = new Gauge({
  name: 'akkoord_outbox_oldest_seconds',
  help: 'How long the oldest of them has waited.',
  labelNames: ['kind'],
  registers: [registry],
  collect: showOutbox,
});

/** Whoever asks meanwhile shares the answer: however slow the database is, this takes one connection to it. */
async function showOutbox(): Promise<void> {
  reading ??= readOutbox()
    .catch(() => undefined)
    .finally(() => (reading = undefined));
  const outbox = await Promise.race([reading, sleep(PATIENCE, undefined, { ref: false })]);
  waiting.reset();
  oldest.reset();
  for (const [kind, one] of Object.entries(outbox ?? {})) {
    waiting.set({ kind }, one.count);
    oldest.set({ kind }, one.oldest / 1000);
  }
}
