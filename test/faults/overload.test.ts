import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import { ELS, KARIM, NOOR } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { lines } from '../security/raw-socket.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useNodes } from './nodes.ts';

/** How long each load lasts, in seconds; the limits of case 55 hold where nothing else uses the machine. */
const SECONDS = Number(process.env['FAULT_OVERLOAD_SECONDS'] ?? 1);
const IS_LONG = SECONDS >= 10;
const SLOW_SOCKETS = IS_LONG ? 2_000 : 200;
/** Of a storm, at once. */
const STORM = 200;
/** Longest until a slow socket is closed, in milliseconds. */
const CLOSED_IN = 30_000;
const WIDTH = 64;
/** More than are taken in hand at once. */
const CONNECTIONS = IS_LONG ? 3_000 : 1_500;
const TIMES = 5;
/** In milliseconds, but for memory, in kB. */
const LIMITS = { refused: 50, recovery: 5_000, memory: 512 * 1024 } as const;
const WHOLE = LIMIT_MS + SECONDS * 20_000;

const nodes = useNodes(1);

interface Loaded {
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that were answered with 200, in a second. */
  readonly goodput: number;
  readonly p99: number;
  readonly refusedP50: number;
  readonly refusedP99: number;
  /** Refusals that did not say when to come again. */
  readonly untold: number;
  readonly sent: number;
  /** Requests for which no connection was free. */
  readonly missed: number;
}

const senders: ChildProcess[] = [];
afterAll(() => senders.forEach((sender) => sender.kill()));

/** Has a process of its own make a load. */
async function order<Result>(name: 'load' | 'trickle' | 'storm', wanted: object): Promise<Result> {
  const { hostname, port } = new URL(firstServer().baseUrl);
  const sender = fork(fileURLToPath(new URL('flood.js', import.meta.url)), [], { execArgv: [] });
  senders.push(sender);
  const address = { host: hostname, port: Number(port) };
  sender.send({ order: name, address, seconds: SECONDS, ...wanted });
  const ended = once(sender, 'exit').then(() => [{ failure: 'the sender has ended' }]);
  const told = Promise.race([once(sender, 'message'), ended]);
  const [{ result, failure }] = (await told) as [{ result?: Result; failure?: string }];
  sender.kill();
  if (result === undefined) throw new Error(failure);
  return result;
}

function firstServer() {
  const [node] = nodes().nodes;
  if (node === undefined) throw new Error('there is a server');
  return node.server;
}

async function checks(wanted: {
  readonly connections: number;
  readonly rate?: number;
  readonly heeds?: boolean;
}): Promise<Loaded> {
  const token = await nodes().token('exchange');
  const requests = [KARIM, NOOR, ELS].map((bsn) => {
    const body = JSON.stringify(question(bsn));
    const head = ['POST /fhir/Consent/$check HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`];
    return `${lines(...head, 'Content-Type: application/fhir+json', `Content-Length: ${body.length}`, '')}${body}`;
  });
  return order<Loaded>('load', { requests, ...wanted });
}

/** Most memory that the server has used so far, in kB. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${firstServer().child.pid ?? 0}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** Milliseconds until a question is answered again, within the time that one takes else. */
async function recovery(): Promise<number> {
  const [node] = nodes().nodes;
  const token = await nodes().token('exchange');
  const begun = performance.now();
  const isQuick = async () => {
    const answer = await node?.call('/fhir/Consent/$check', { token, body: question(KARIM) });
    return answer?.status === 200 && answer.took < 100;
  };
  if (!(await waitUntil(isQuick, LIMIT_MS))) throw new Error('the server does not recover');
  return performance.now() - begun;
}

const say = (what: string, measured: object) =>
  process.stdout.write(`overload, ${what}: ${JSON.stringify(measured)}\n`);

describe('more than a server can do (case 55)', () => {
  let peak: Loaded;

  beforeAll(async () => {
    await checks({ connections: WIDTH });
    peak = await checks({ connections: WIDTH });
    say('peak', peak);
  }, WHOLE);

  it.each([
    { senders: 'senders that come again when they were told to', heeds: true },
    { senders: 'senders that come again at once', heeds: false },
  ])(
    'is refused, while as much is answered as before; afterwards all is as it was: $senders',
    async ({ senders: who, heeds }) => {
      const flood = await checks({ connections: CONNECTIONS, rate: TIMES * peak.goodput, heeds });
      const recovered = await recovery();
      const share = flood.goodput / peak.goodput;
      const most = await memory();
      say(`${TIMES} times the peak, ${who}`, { ...flood, share, recovered, memory: most });
      expect(Object.keys(flood.statuses).filter((status) => !['200', '429', '503'].includes(status))).toEqual([]);
      expect(flood.untold).toBe(0);
      expect(flood.goodput).toBeGreaterThan(0);
      expect(most).toBeLessThan(LIMITS.memory);
      if (!IS_LONG) return;
      expect(recovered).toBeLessThan(LIMITS.recovery);
      expect(share).toBeGreaterThan(0.8);
      // Who comes sooner than told is not read until then.
      if (heeds) expect(flood.refusedP50).toBeLessThan(LIMITS.refused);
    },
    WHOLE,
  );

  it.each([
    { what: 'sockets that send a byte now and then', name: 'trickle', connections: SLOW_SOCKETS },
    { what: 'a storm of connections', name: 'storm', connections: STORM },
  ] as const)(
    '$what keep nobody else from an answer',
    async ({ what, name, connections }) => {
      const beside = order<{ closed?: number; opened?: number }>(name, {
        connections,
        patience: IS_LONG ? CLOSED_IN : 0,
      });
      const loaded = await checks({ connections: WIDTH });
      const others = await beside;
      const share = loaded.goodput / peak.goodput;
      const most = await memory();
      say(what, { ...loaded, share, ...others, memory: most });
      expect(Object.keys(loaded.statuses)).toEqual(['200']);
      expect(most).toBeLessThan(LIMITS.memory);
      if (!IS_LONG || name !== 'trickle') return;
      expect(others.closed).toBe(SLOW_SOCKETS);
      expect(share).toBeGreaterThan(0.8);
    },
    WHOLE,
  );
});
