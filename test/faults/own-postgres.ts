import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { APPLICATION_USER, ensureApplicationLogin } from '../../src/storage/application-login.ts';
import {
  applicationPassword,
  binaryFolder,
  DATABASE_USER,
  databasePassword,
  initialiseCluster,
} from '../../src/storage/initialise-cluster.ts';
import { type Account, chooseAccount, commandFor, ENVIRONMENT } from '../../src/storage/postgres-account.ts';
import {
  clearCluster,
  endServer,
  readPostmaster,
  serverProcesses,
  waitUntil,
} from '../../src/storage/postgres-process.ts';
import { serverArguments } from '../../src/storage/postgres-settings.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { newFolder } from '../start/data-folders.ts';
import { quietPort } from './quiet-port.ts';

const run = promisify(execFile);

/** A PostgreSQL server of a test's own, which can be killed and started again at the same address, unlike that of all tests. */
export class OwnPostgres {
  /** Connection string of the owner, and of the login that servers work with. */
  readonly url: string;
  readonly applicationUrl: string;
  readonly cluster: string;
  /** What counts at the next start, over the usual settings. */
  settings: Readonly<Record<string, string>> = {};
  readonly #home: string;
  readonly #account: Account | undefined;
  readonly #port: number;

  private constructor(home: string, account: Account | undefined, port: number, passwords: readonly [string, string]) {
    const [owner, application] = passwords;
    this.cluster = join(home, 'cluster');
    this.url = `postgresql://${DATABASE_USER}:${owner}@127.0.0.1:${port}/postgres`;
    this.applicationUrl = `postgresql://${APPLICATION_USER}:${application}@127.0.0.1:${port}/postgres`;
    this.#home = home;
    this.#account = account;
    this.#port = port;
  }

  /** Makes one and starts it. @param home an empty folder; by default one that `removeFolders` removes */
  static async start(home = newFolder()): Promise<OwnPostgres> {
    const cluster = join(home, 'cluster');
    const account = await chooseAccount(cluster);
    const password = await databasePassword(home, cluster);
    await initialiseCluster(home, cluster, account, password);
    const passwords = [password, await applicationPassword(home)] as const;
    const postgres = new OwnPostgres(home, account, await quietPort(), passwords);
    await postgres.start();
    await ensureApplicationLogin(postgres.url, passwords[1]);
    return postgres;
  }

  /** Starts it on what is there, as after a crash. @throws Error when it ends instead */
  async start(): Promise<void> {
    await clearCluster(this.cluster);
    const more = Object.entries(this.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = [...serverArguments(this.cluster, this.#port), ...more];
    const folder = binaryFolder();
    const command = await commandFor(this.#account, join(folder, 'postgres'), args, [this.#home, folder]);
    const { file, args: words, ...identity } = command;
    const child = spawn(file, words, { ...identity, cwd: '/', env: ENVIRONMENT, detached: true, stdio: 'ignore' });
    child.unref();
    await waitUntil(async () => hasEnded(child) || (await this.isReady()), LIMIT_MS);
    if (!(await this.isReady())) throw new Error('PostgreSQL does not start');
  }

  async isReady(): Promise<boolean> {
    return (await readPostmaster(this.cluster))?.ready === true;
  }

  /** Ends it as it is told to, with nothing to repair. */
  stop(): Promise<void> {
    return endServer(this.cluster);
  }

  /** The postmaster and all its children. */
  processes(): Promise<number[]> {
    return serverProcesses(this.cluster);
  }

  /** Kills all of it at once, and waits until nothing of it is left. */
  async kill(): Promise<void> {
    for (const pid of await this.processes()) process.kill(pid, 'SIGKILL');
    await waitUntil(async () => (await this.processes()).length === 0, LIMIT_MS);
  }

  /** Moves its write-ahead log to another folder, which may be on another disk, while it is stopped. */
  async moveWal(folder: string): Promise<void> {
    const [here, there] = [join(this.cluster, 'pg_wal'), join(folder, 'pg_wal')];
    await run('mv', [here, there]);
    // It may work under an account that is not ours.
    await chmod(folder, 0o711);
    await symlink(there, here);
  }

  /** Runs one statement as the owner. @param database another one than that of the server */
  async query<Row>(text: string, values: readonly unknown[] = [], database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: inDatabase(this.url, database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows as Row[];
    } finally {
      await client.end();
    }
  }
}

/** The address of another database of the same server. */
export function inDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
