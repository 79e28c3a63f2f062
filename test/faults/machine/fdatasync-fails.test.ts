import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitUntil } from '../../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../../setup/test-database.ts';
import { figures } from '../figures.ts';
import { CERTAIN } from '../lengths.ts';
import { Load } from '../load.ts';
import { useOwn } from '../use-own.ts';

const MORE = 300;

const own = useOwn();

/** Watches every process of PostgreSQL, and those that they start. @param what is done to each fdatasync; default: nothing */
async function watch(...what: readonly string[]): Promise<ChildProcess> {
  const pids = await own().postgres.processes();
  const which = pids.flatMap((pid) => ['-p', String(pid)]);
  const strace = spawn('strace', ['-f', '-o', '/dev/null', '-e', 'trace=fdatasync', ...what, ...which]);
  let said = '';
  strace.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  strace.on('error', () => undefined);
  const hasEnded = () => strace.exitCode !== null || strace.pid === undefined;
  await waitUntil(() => said.includes(' attached') || hasEnded(), LIMIT_MS);
  if (!hasEnded()) return strace;
  throw new Error('PostgreSQL cannot be watched: this test needs strace, Linux and root.', { cause: said });
}

async function unwatch(strace: ChildProcess): Promise<void> {
  const ended = once(strace, 'exit');
  strace.kill('SIGKILL');
  await ended;
}

describe('while the disk under the write-ahead log', () => {
  it(
    'is watched and does its work, so does the server',
    async () => {
      const { postgres, server } = own();
      const load = await Load.on(server);
      const strace = await watch();
      const failing = load.untilItFails();
      await load.untilMore(MORE);
      expect(load.unknown).toBe(0);
      await unwatch(strace);
      await postgres.kill();
      await failing;
      await postgres.start();
    },
    LIMIT_MS,
  );

  it(
    'does not keep what it was given, answers are 503 until PostgreSQL has recovered, and nothing acknowledged is lost',
    async () => {
      const { postgres, server } = own();
      const { child } = server.running;
      const load = await Load.on(server);
      for (let time = 0; time < CERTAIN; time += 1) {
        const failing = load.untilItFails();
        await load.untilMore(MORE);
        const strace = await watch('-e', 'inject=fdatasync:error=EIO');
        await failing;
        expect([await load.once(), await server.readiness()]).toEqual([503, 503]);
        await unwatch(strace);
        await postgres.start();
        expect(await waitUntil(async () => (await load.once()) === 200, LIMIT_MS)).toBe(true);
      }
      expect(await load.faults(postgres)).toEqual([]);
      expect([load.unanswered, child.exitCode, child.signalCode]).toEqual([0, null, null]);
      figures('fdatasync failed', CERTAIN, load, {});
    },
    LIMIT_MS * (1 + CERTAIN),
  );
});
