import { randomBytes } from 'node:crypto';
import { link, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Exclusive ownership of a directory by one living process. */
export interface DirectoryLock {
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  /** Start of the process as the kernel counts it, so that a reused pid is not taken for the owner. */
  readonly started: string | null;
}

const OWNER_FILE = /^owner\.(\d+)$/;
const RELEASED = 'released';

/** Start time of a process in clock ticks since boot; null where there is no /proc. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name (second field) may hold spaces and brackets; the start is the 22nd field, the 20th after it.
    return (
      stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .at(19) ?? null
    );
  } catch {
    return null;
  }
}

/** True when a process with this id exists, also when it belongs to another user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  return isRunning(owner.pid) && (await startOf(owner.pid)) === owner.started;
}

/** The owner written in a lock file; nothing when it was given back or cannot be read. */
async function readOwner(file: string): Promise<Owner | undefined> {
  const text = await readFile(file, 'utf8').catch(() => RELEASED);
  return text === RELEASED ? undefined : (JSON.parse(text) as Owner);
}

async function generations(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => OWNER_FILE.exec(name)?.[1] ?? []).map(Number);
}

/** Writes the lock file whole or not at all: a link either appears with its content or fails. */
async function claim(directory: string, file: string): Promise<boolean> {
  const draft = join(directory, `claim.${randomBytes(8).toString('hex')}`);
  const owner: Owner = { pid: process.pid, started: await startOf(process.pid) };
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Takes the directory for this process, or returns nothing while another living process (or this one) has it.
 *
 * Lock files are numbered and only ever superseded by the next number, never deleted by their owner: of two processes
 * that both find the last owner dead exactly one can create the next file, so a dead owner is replaced without a gap.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock | undefined> {
  const known = await generations(directory);
  const last = Math.max(0, ...known);
  const owner = last === 0 ? undefined : await readOwner(join(directory, `owner.${last}`));
  if (owner !== undefined && (await isAlive(owner))) return undefined;
  const file = join(directory, `owner.${last + 1}`);
  if (!(await claim(directory, file))) return undefined;
  await Promise.all(known.map((number) => rm(join(directory, `owner.${number}`), { force: true })));
  return { release: () => writeFile(file, RELEASED) };
}
