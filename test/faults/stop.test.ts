import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import { freshBsn, KARIM } from '../http/people.ts';
import { choice, question } from '../http/questions.ts';
import { freshKey, keyed } from '../security/keyed.ts';
import { answersIn, lines, type WireAnswer } from '../security/raw-socket.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { startServer } from '../start/running-server.ts';
import { type Asked, type Call, type Called, Caller } from './caller.ts';
import { type Node, restart, useNodes } from './nodes.ts';

/** How often each of two servers is stopped and started under load. */
const ROUNDS = Number(process.env['FAULT_RESTARTS'] ?? 1);
const IS_LONG = ROUNDS > 1;
const LOAD_MS = 1_000;
/** How long a proxy goes on sending to a server that says it is not ready, in milliseconds. */
const NOTICED = 1_000;
/** Between two calls of those who may ask again, in milliseconds: one server has to do for all, beside one that starts. */
const PAUSE = 20;
/** Longest that a stop may take, and a start until it is ready, in milliseconds; where other tests run beside it, nobody can say. */
const DRAIN = 10_000;
const START = 5_000;
const WHOLE = LIMIT_MS + ROUNDS * 30_000;

const nodes = useNodes(2);

/** Something that may be asked again: a question, or now and then a choice with a key. */
async function anyCall(bsn: string, turn: number): Promise<readonly [string, Asked]> {
  const { token } = nodes();
  if (turn % 10 > 0) return ['/fhir/Consent/$check', { token: await token('gp'), body: question(KARIM) }];
  const body = choice(bsn, turn % 20 === 0 ? 'all' : 'none');
  return ['/fhir/Consent/$choose', { token: await token(`citizen:${bsn}`), body, headers: keyed(freshKey()) }];
}

/** Calls until it is over, or until there is nobody to call any more. */
async function keepCalling(call: Call, pause: number, isOver: () => boolean): Promise<readonly Called[]> {
  const bsn = freshBsn();
  const all: Called[] = [];
  for (let turn = 1; !isOver(); turn += 1) {
    const called = await call(...(await anyCall(bsn, turn)));
    if (called.failure === 'ECONNREFUSED') break;
    all.push(called);
    await sleep(pause);
  }
  return all;
}

/** Callers of every kind: on connections that are busy, on some that are mostly idle, and on a new one each time. */
function callAsEverybody({ server }: Node, isOver = () => false) {
  const kept = new Caller(server.baseUrl);
  const fresh = new Caller(server.baseUrl, { keepAlive: false });
  const kinds = [
    ...Array.from({ length: 16 }, () => [kept.call, 0] as const),
    ...Array.from({ length: 8 }, () => [kept.call, 130] as const),
    ...Array.from({ length: 8 }, () => [fresh.call, 0] as const),
  ];
  const all = Promise.all(kinds.map(([call, pause]) => keepCalling(call, pause, isOver)));
  return all.then((each) => each.flat()).finally(() => kept.close());
}

/** What the probe of a proxy sees, one after the other, until there is nobody any more. */
async function probe({ server }: Node): Promise<string[]> {
  const { call } = new Caller(server.baseUrl, { keepAlive: false });
  const seen: string[] = [];
  while (seen.at(-1) !== 'ECONNREFUSED') {
    const { status, failure } = await call('/health/ready');
    const word = failure ?? String(status);
    if (seen.at(-1) !== word) seen.push(word);
    await sleep(20);
  }
  return seen;
}

/** A question that arrives half now, and half when `rest` is called. */
async function slowQuestion({ server }: Node) {
  const body = JSON.stringify(question(KARIM));
  const { hostname, port } = new URL(server.baseUrl);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  const head = lines(
    'POST /fhir/Consent/$check HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${await nodes().token('gp')}`,
    'Content-Type: application/fhir+json',
    `Content-Length: ${body.length}`,
    '',
  );
  socket.write(head + body.slice(0, 20));
  return async (): Promise<WireAnswer[]> => {
    socket.write(body.slice(20));
    await ended;
    return answersIn(Buffer.concat(received).toString('latin1'));
  };
}

const broken = (all: readonly Called[]) => all.flatMap(({ failure }) => failure ?? []);
/** What answers say of their connections. */
const endings = (all: readonly Called[]) => [...new Set(all.map(({ headers }) => headers.connection))];
const statuses = (all: readonly Called[]) => [...new Set(all.map(({ status }) => status))];

function firstNode(): Node {
  const [node] = nodes().nodes;
  if (node === undefined) throw new Error('there is a server');
  return node;
}

describe('a server that is told to stop under load (case 56)', () => {
  it(
    'says that it is not ready, breaks nothing that it has accepted, and is ready again soon after its start',
    async () => {
      const node = firstNode();
      let told = Infinity;
      const calling = callAsEverybody(node, () => performance.now() > told + NOTICED);
      const probing = probe(node);
      const rest = await slowQuestion(node);
      await sleep(LOAD_MS);
      told = performance.now();
      const restarting = restart(node);
      await sleep(2 * NOTICED);
      const slow = await rest();
      const all = await calling;
      const { stopped, ready } = await restarting;
      expect(await probing).toEqual(['200', '503', 'ECONNREFUSED']);
      expect([slow.map(({ status }) => status), broken(all), statuses(all)]).toEqual([[200], [], [200]]);
      expect(endings(all.filter(({ begun }) => begun < told))).toContain('keep-alive');
      expect(endings(all.filter(({ begun }) => begun > told + NOTICED / 10))).toEqual(['close']);
      process.stdout.write(
        `stop: ${all.length} answered, none broken, ended after ${Math.round(stopped)} ms, ready after ${Math.round(ready)} ms\n`,
      );
      if (!IS_LONG) return;
      expect(stopped).toBeLessThan(DRAIN);
      expect(ready).toBeLessThan(START);
    },
    WHOLE,
  );

  it(
    'is told from one that is killed, which breaks what it has accepted',
    async () => {
      const node = firstNode();
      const calling = callAsEverybody(node);
      await sleep(LOAD_MS);
      node.server.child.kill('SIGKILL');
      expect(broken(await calling).length).toBeGreaterThan(0);
      await node.server.ended;
      node.server = await startServer({ LOG_LEVEL: 'info', ...node.settings, PORT: new URL(node.server.baseUrl).port });
    },
    WHOLE,
  );
});

/** What became of calls that are made again once, at the other server, when they were not answered. */
interface Retried {
  calls: number;
  again: number;
  readonly failed: string[];
}

async function callEither(callers: readonly Call[], first: number, seen: Retried, isOver: () => boolean) {
  const bsn = freshBsn();
  for (let turn = 1; !isOver(); turn += 1) {
    await sleep(PAUSE);
    const asked = await anyCall(bsn, turn);
    const at = (index: number) => (callers[(first + turn + index) % callers.length] as Call)(...asked);
    seen.calls += 1;
    if ((await at(0)).status === 200) continue;
    seen.again += 1;
    const { status, failure } = await at(1);
    if (status !== 200) seen.failed.push(failure ?? String(status));
  }
}

describe('two servers that are restarted one after the other under load (case 56)', () => {
  it(
    'answer everything, at most at the second time of asking',
    async () => {
      const seen: Retried = { calls: 0, again: 0, failed: [] };
      const callers = nodes().nodes.map(({ server }) => new Caller(server.baseUrl));
      let isOver = false;
      const calls = callers.map(({ call }) => call);
      const calling = Promise.all(
        Array.from({ length: 16 }, (_, first) => callEither(calls, first, seen, () => isOver)),
      );
      const took: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const node of nodes().nodes) {
          await sleep(LOAD_MS / 2);
          took.push((await restart(node)).ready);
          expect(await waitUntil(async () => (await node.call('/health/ready')).status === 200, START)).toBe(true);
        }
      }
      isOver = true;
      await calling;
      callers.forEach((caller) => caller.close());
      process.stdout.write(
        `restarts: ${took.length}, ${seen.calls} calls, ${seen.again} asked again, ${seen.failed.length} failed; ` +
          `ready after ${Math.round(Math.max(...took))} ms at most\n`,
      );
      expect(seen.failed).toEqual([]);
      // Without asking again some would have: the servers were away.
      expect(seen.again).toBeGreaterThan(0);
    },
    WHOLE,
  );
});
