import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The operating-system account PostgreSQL runs under when we are root, because it refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A program call with the rights it needs. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const run = promisify(execFile);
const NAME = 'postgres';
const SEARCH = 0o1;

/** Programs are looked up here and PostgreSQL gets nothing else of our environment: it holds secrets. */
export const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name], { env: ENVIRONMENT })));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    return undefined;
  }
}

async function createAccount(): Promise<Account | undefined> {
  await run('groupadd', ['--system', '--force', NAME], { env: ENVIRONMENT }).catch(() => undefined);
  await run('useradd', ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME], {
    env: ENVIRONMENT,
  }).catch(() => undefined);
  return lookUp(NAME);
}

/**
 * Who PostgreSQL must run as: nothing for an ordinary user (ourselves); for root the owner of an existing cluster,
 * else the system account `postgres`, which is made when it does not exist.
 * @throws Error when root has no such account and cannot make one.
 */
export async function chooseAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = (await lookUp(NAME)) ?? (await createAccount());
  if (account !== undefined) return account;
  throw new Error(
    'PostgreSQL does not run as root and the system account "postgres" cannot be made: run as another user.',
  );
}

/** True when everybody may walk from the root to this path. */
async function openToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  const parent = dirname(path);
  return (mode & SEARCH) !== 0 && (parent === path || (await openToAll(parent)));
}

async function findSetpriv(): Promise<void> {
  try {
    await run('setpriv', ['--version'], { env: ENVIRONMENT });
  } catch {
    throw new Error('A folder above the data or the program is closed to other users: open it or do not run as root.');
  }
}

/**
 * The call of `program` under `account`. Where a folder above one of `paths` is closed to other users (a checkout in
 * /root, a private temporary folder) the process keeps root's right to pass it, and nothing else of root's rights.
 * @throws Error when that needs the program `setpriv` and it is not there
 */
export async function commandFor(
  account: Account | undefined,
  program: string,
  args: readonly string[],
  paths: readonly string[],
): Promise<Command> {
  if (account === undefined) return { file: program, args };
  const reachable = await Promise.all(paths.map((path) => openToAll(resolve(path))));
  if (reachable.every(Boolean)) return { file: program, args, ...account };
  await findSetpriv();
  const rights = ['inh-caps', 'ambient-caps'].map((kind) => `--${kind}=-all,+dac_override`);
  const switches = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
  ];
  return { file: 'setpriv', args: [...switches, ...rights, program, ...args] };
}
