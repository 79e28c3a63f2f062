import { setTimeout as sleep } from 'node:timers/promises';
import { serverProcesses } from '../../src/storage/postgres-process.ts';

/** Whom to kill: a process, or every process of the PostgreSQL server on a cluster. */
export type Target = { readonly pid: number } | { readonly cluster: string };

/** At most so long after it is told to, in milliseconds. */
const LONGEST = 400;

// A process of its own, because the one that makes the load is busy just when something interesting happens.
process.on('message', (target: Target) => void killSometime(target));

async function killSometime(target: Target): Promise<void> {
  const pids = 'pid' in target ? [target.pid] : await serverProcesses(target.cluster);
  await sleep(Math.random() * LONGEST);
  const late = 'pid' in target ? [] : await serverProcesses(target.cluster);
  for (const pid of new Set([...pids, ...late])) kill(pid);
  process.send?.('killed');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was one that had come to its end.
  }
}
