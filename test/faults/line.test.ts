import { setTimeout as sleep } from 'node:timers/promises';
import { freshBsn, KARIM } from '../http/people.ts';
import { choice, question } from '../http/questions.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import type { Called } from './caller.ts';
import { saidBy } from './doors.ts';
import { type Node, useNodes } from './nodes.ts';
import { TcpProxy, type Trouble } from './tcp-proxy.ts';

/** How long each trouble lasts, in milliseconds; one that is noticed by silence only, as long as that takes. */
const LONG = Number(process.env['FAULT_LINE_MS'] ?? 0);
const SHORT = 1_500;
const SILENT = 5_500;
/** How late a late line is, in milliseconds. */
const LATE = LONG === 0 ? 100 : 500;
const QUESTIONERS = 8;
/** Longest that anybody is kept waiting, in milliseconds: who asks at a bedside has given up after this. */
const PATIENCE = 10_000;
/** Longest that a choice, which is some thirty statements, may take over a line that is late. */
const LATE_CHOICE = 30_000;
/** Longest that a probe is kept waiting. */
const PROBE = 2_000;
/** Connections that a server has to its database. */
const CONNECTIONS = 24;

let line: TcpProxy;
const nodes = useNodes(1, {
  through: async (url) => {
    line = await TcpProxy.open(url);
    return line.url;
  },
});
afterAll(() => line.close(), LIMIT_MS);

/** The answers of one kind of call. */
interface Seen {
  readonly statuses: Record<string, number>;
  slowest: number;
}

const nothingSeen = (): Seen => ({ statuses: {}, slowest: 0 });

function note(seen: Seen, called: Called): void {
  const status = called.failure ?? String(called.status);
  seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
  seen.slowest = Math.max(seen.slowest, called.took);
}

/** Asks, chooses and probes until it is over; nobody asks anew before they were answered. */
async function load({ call }: Node, isOver: () => boolean) {
  const { token } = nodes();
  const bsn = freshBsn();
  const [gp, citizen] = await Promise.all([token('gp'), token(`citizen:${bsn}`)]);
  const seen = { checks: nothingSeen(), choices: nothingSeen(), probes: nothingSeen() };
  const repeat = async (into: Seen, one: () => Promise<Called>, pause = 0): Promise<void> => {
    while (!isOver()) {
      note(into, await one());
      await sleep(pause);
    }
  };
  await Promise.all([
    ...Array.from({ length: QUESTIONERS }, () =>
      repeat(seen.checks, () => call('/fhir/Consent/$check', { token: gp, body: question(KARIM) }), 10),
    ),
    repeat(seen.choices, () => call('/fhir/Consent/$choose', { token: citizen, body: choice(bsn, 'all') }), 10),
    repeat(seen.probes, () => call('/health/ready'), 200),
  ]);
  return seen;
}

/** Puts something wrong with the line for a while, under load. */
async function during(trouble: Trouble, time: number) {
  const [node] = nodes().nodes;
  if (node === undefined) throw new Error('there is a server');
  const end = performance.now() + (LONG || time);
  line.trouble = trouble;
  const seen = await load(node, () => performance.now() > end);
  const healed = performance.now();
  line.trouble = 'none';
  const isBack = async () => (await node.call('/health/ready')).status === 200 && (await permits(node));
  expect(await waitUntil(isBack, LIMIT_MS)).toBe(true);
  const said = Object.entries(seen).map(
    ([what, { statuses, slowest }]) => `${what} ${JSON.stringify(statuses)} within ${Math.round(slowest)} ms`,
  );
  const back = Math.round(performance.now() - healed);
  process.stdout.write(`line ${JSON.stringify(trouble)}: ${said.join(', ')}; well again after ${back} ms\n`);
  return { ...seen, back };
}

async function permits({ call }: Node): Promise<boolean> {
  const token = await nodes().token('gp');
  return saidBy(await call('/fhir/Consent/$check', { token, body: question(KARIM) })) === 'permit';
}

/** What the database has of the server: each connection, and what it does. */
async function held(): Promise<string[]> {
  const text = `select state from pg_stat_activity where datname = current_database() and application_name = 'akkoord'`;
  const { rows } = await nodes().database.database.query<{ state: string }>(`${text} and usename <> current_user`);
  return rows.map(({ state }) => state);
}

/** Everything that was taken from the pool has come back: all of it can be used at once, and there is no more than there may be. */
async function expectNoLeak(): Promise<void> {
  const [node] = nodes().nodes;
  if (node === undefined) throw new Error('there is a server');
  const all = await Promise.all(Array.from({ length: 4 * CONNECTIONS }, () => permits(node)));
  expect(all).not.toContain(false);
  expect(line.connections).toBeLessThanOrEqual(CONNECTIONS);
  const idle = async () => (await held()).every((state) => state === 'idle');
  expect(await waitUntil(idle, LIMIT_MS)).toBe(true);
  expect((await held()).length).toBeLessThanOrEqual(CONNECTIONS);
}

const only = ({ statuses }: Seen) => Object.keys(statuses).sort();

describe('a line to the database (case 52)', () => {
  it(
    'that is late makes every answer later',
    async () => {
      const { checks, choices, probes } = await during({ late: LATE }, SHORT);
      expect([only(checks), only(choices)]).toEqual([['200'], ['200']]);
      expect(checks.slowest).toBeGreaterThan(LATE);
      expect(checks.slowest).toBeLessThan(PATIENCE);
      expect(choices.slowest).toBeLessThan(LATE_CHOICE);
      expect(only(probes)).toContain('200');
      expect(probes.slowest).toBeLessThan(PROBE);
      await expectNoLeak();
    },
    LIMIT_MS,
  );

  it.each([
    { trouble: 'swallow', time: SILENT },
    { trouble: 'reset', time: SHORT },
    { trouble: 'trickle', time: SILENT },
  ] as const)(
    'that is broken ($trouble) makes every answer 503, in time, that of the probe too; when it is sound again, so is the server',
    async ({ trouble, time }) => {
      const { checks, choices, probes } = await during(trouble, time);
      expect([only(checks), only(choices), only(probes)]).toEqual([['503'], ['503'], ['503']]);
      expect(Math.max(checks.slowest, choices.slowest)).toBeLessThan(PATIENCE);
      expect(probes.slowest).toBeLessThan(PROBE);
      await expectNoLeak();
    },
    LIMIT_MS,
  );

  it(
    'that is sound does none of this',
    async () => {
      const { checks, choices, probes } = await during('none', SHORT);
      expect([only(checks), only(choices), only(probes)]).toEqual([['200'], ['200'], ['200']]);
      await expectNoLeak();
    },
    LIMIT_MS,
  );
});
