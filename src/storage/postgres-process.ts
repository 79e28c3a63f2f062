import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isRunning } from './directory-lock.ts';

/** What the server itself writes in postmaster.pid. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

const run = promisify(execFile);
const PID_LINE = 0;
const PORT_LINE = 3;
const STATUS_LINE = 7;
const POLL_MS = 20;

/** The server named in postmaster.pid of this cluster, alive or not. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[PID_LINE]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[PORT_LINE]), ready: lines[STATUS_LINE]?.trim() === 'ready' };
}

/** Every process of a server works in its cluster's folder, which no other process has reason to do. */
async function worksIn(pid: string, folder: string): Promise<boolean> {
  const [cwd, program] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    readlink(`/proc/${pid}/exe`).catch(() => ''),
  ]);
  return cwd === folder && /\/postgres( \(deleted\))?$/.test(program);
}

/** Where there is no /proc only the postmaster can be told, by its command line. */
async function postmasterByCommand(cluster: string): Promise<number[]> {
  const pid = (await readPostmaster(cluster))?.pid;
  if (pid === undefined || !isRunning(pid)) return [];
  const shown = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return shown.stdout.includes('postgres') && shown.stdout.includes(cluster) ? [pid] : [];
}

/** The processes of a PostgreSQL server on this cluster, whoever started it. */
export async function serverProcesses(cluster: string): Promise<number[]> {
  const folder = await realpath(cluster);
  const names = await readdir('/proc').catch(() => undefined);
  if (names === undefined) return postmasterByCommand(cluster);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const working = await Promise.all(pids.map((pid) => worksIn(pid, folder)));
  return pids.filter((_, index) => working[index]).map(Number);
}

/** Asks until the answer is yes; false when it has not been for `limitMs`. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime.
  }
}

async function isEmpty(cluster: string): Promise<boolean> {
  return (await serverProcesses(cluster)).length === 0;
}

// Fast shutdown (nothing is lost), then immediate (recovery at the next start), then by force.
const STEPS = [
  { name: 'SIGINT', waitMs: 20_000 },
  { name: 'SIGQUIT', waitMs: 10_000 },
  { name: 'SIGKILL', waitMs: 5_000 },
] as const;

/**
 * Ends whatever server still runs on this cluster, together with backends that outlived a killed postmaster.
 * @throws Error when a process does not end.
 */
export async function endServer(cluster: string): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  for (const step of STEPS) {
    const left = await serverProcesses(cluster);
    const targets = postmaster !== undefined && left.includes(postmaster.pid) ? [postmaster.pid] : left;
    targets.forEach((pid) => signal(pid, step.name));
    if (await waitUntil(() => isEmpty(cluster), step.waitMs)) return;
  }
  throw new Error('A PostgreSQL process of the embedded database does not end.');
}

/**
 * Makes the cluster free to start: ends a server that outlived its owner and removes the file it left, which would
 * stop the start when its process id has gone to another program. Call it under the directory lock only.
 */
export async function clearCluster(cluster: string): Promise<void> {
  await endServer(cluster);
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}
