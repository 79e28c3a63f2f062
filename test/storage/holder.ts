import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ENVIRONMENT, type Account, commandFor } from '../../src/storage/postgres-account.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOOKS = fileURLToPath(new URL('../setup/register-typescript.js', import.meta.url));
const PROGRAM = fileURLToPath(new URL('hold-embedded.ts', import.meta.url));

/** What another process said after trying to start the embedded database. */
export interface Holder {
  readonly child: ChildProcess;
  readonly url?: string;
  readonly refused?: string;
}

/** Starts another process on this data folder without waiting for its answer. */
export async function startHolder(dataDir: string, account?: Account): Promise<ChildProcess> {
  const args = ['--import', HOOKS, PROGRAM, dataDir];
  const {
    file,
    args: words,
    ...identity
  } = await commandFor(account, process.execPath, args, [ROOT, process.execPath]);
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return spawn(file, words, { ...identity, cwd: ROOT, env: ENVIRONMENT, stdio: [...stdio] });
}

/** Starts another process that holds the embedded database in this data folder, and waits for its answer. */
export async function holdEmbedded(dataDir: string, account?: Account): Promise<Holder> {
  const child = await startHolder(dataDir, account);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { url?: string; refused?: string }) };
}

/** Ends a process and waits until it has. */
export async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
