import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { APPLICATION_USER, ensureApplicationLogin } from './application-login.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import {
  DATABASE_USER,
  applicationPassword,
  binaryFolder,
  databasePassword,
  initialiseCluster,
} from './initialise-cluster.ts';
import { ENVIRONMENT, chooseAccount, commandFor, type Account } from './postgres-account.ts';
import { clearCluster, endServer, readPostmaster, serverProcesses, waitUntil } from './postgres-process.ts';
import { serverArguments } from './postgres-settings.ts';

/** A running embedded PostgreSQL. */
export interface EmbeddedDatabase {
  /** Connection string of the owner, with the password: never log it. */
  readonly url: string;
  /** The same of the account the server works with: it owns nothing. */
  readonly applicationUrl: string;
  /** Resolves when the server ends without `stop`: the owner cannot go on and should end too. */
  readonly lost: Promise<void>;
  /** Ends the server (fast shutdown) and waits until none of its processes is left. */
  stop(): Promise<void>;
}

/** The part of a log that starting needs. */
interface StartLog {
  warn(message: string, detail: object): void;
}

interface Place {
  readonly home: string;
  readonly cluster: string;
  readonly account: Account | undefined;
}

const START_TRIES = 5;
// Recovery after a crash replays the log; with a large one that takes its time.
const READY_LIMIT_MS = 300_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/**
 * Starts the server in a session of its own: Ctrl-C in the terminal reaches us alone, and we stop it after the last
 * request. Its output goes to a file, so that it never waits for us to read.
 */
async function spawnServer(place: Place, port: number): Promise<ChildProcess> {
  const folder = binaryFolder();
  const args = serverArguments(place.cluster, port);
  const command = await commandFor(place.account, join(folder, 'postgres'), args, [place.home, folder]);
  const output = await open(join(place.home, 'start.log'), 'w', 0o600);
  try {
    const { file, args: words, ...identity } = command;
    const stdio = ['ignore', output.fd, output.fd] as const;
    const child = spawn(file, words, { ...identity, cwd: '/', env: ENVIRONMENT, detached: true, stdio: [...stdio] });
    child.unref();
    return child;
  } finally {
    await output.close();
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function isReady(place: Place, child: ChildProcess): Promise<boolean> {
  const postmaster = await readPostmaster(place.cluster);
  return postmaster?.pid === child.pid && postmaster?.ready === true;
}

/** One attempt; nothing when the server did not become ready. */
async function tryStart(place: Place, port: number): Promise<ChildProcess | undefined> {
  const child = await spawnServer(place, port);
  child.on('error', () => undefined);
  await waitUntil(async () => hasEnded(child) || (await isReady(place, child)), READY_LIMIT_MS);
  return !hasEnded(child) && (await isReady(place, child)) ? child : undefined;
}

async function startServer(place: Place, log: StartLog): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; attempt <= START_TRIES; attempt += 1) {
    await clearCluster(place.cluster);
    const port = await freePort();
    const child = await tryStart(place, port);
    if (child !== undefined) return { child, port };
    log.warn('embedded database did not start', { attempt });
  }
  const output = await readFile(join(place.home, 'start.log'), 'utf8').catch(() => '');
  throw new Error(`The embedded database does not start: ${output.trim().slice(-500)}`);
}

async function startIn(home: string, log: StartLog): Promise<{ child: ChildProcess; url: string; cluster: string }> {
  const cluster = join(home, 'cluster');
  const account = await chooseAccount(cluster);
  const password = await databasePassword(home, cluster);
  await initialiseCluster(home, cluster, account, password);
  const { child, port } = await startServer({ home, cluster, account }, log);
  return { child, cluster, url: addressOf(DATABASE_USER, password, port) };
}

function addressOf(user: string, password: string, port: number): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/postgres`;
}

/** The account the server works with, from its own password; a server that cannot be had is ended again. */
async function openApplication(home: string, cluster: string, ownerUrl: string): Promise<string> {
  const password = await applicationPassword(home);
  try {
    await ensureApplicationLogin(ownerUrl, password);
  } catch (error) {
    await endServer(cluster);
    throw error;
  }
  return addressOf(APPLICATION_USER, password, Number(new URL(ownerUrl).port));
}

/** The database of a server that runs in this data folder now, for a command beside it; nothing when none does. */
export async function findEmbedded(
  dataDir: string,
): Promise<Pick<EmbeddedDatabase, 'url' | 'applicationUrl'> | undefined> {
  const home = resolve(dataDir, 'postgres');
  const cluster = join(home, 'cluster');
  const postmaster = await readPostmaster(cluster);
  if (postmaster?.ready !== true || !(await serverProcesses(cluster)).includes(postmaster.pid)) return undefined;
  const url = addressOf(DATABASE_USER, await databasePassword(home, cluster), postmaster.port);
  return { url, applicationUrl: addressOf(APPLICATION_USER, await applicationPassword(home), postmaster.port) };
}

/** @throws Error with one sentence when the folder is not ours to use, or in use by another living server */
async function takeHome(home: string): Promise<DirectoryLock> {
  const lock = await mkdir(home, { recursive: true })
    .then(() => lockDirectory(home))
    .catch((cause: unknown) => {
      throw new Error('The data folder cannot be written: it may belong to another user.', { cause });
    });
  if (lock === undefined) throw new Error('Another server is using this data folder: stop it or set another DATA_DIR.');
  return lock;
}

/**
 * Starts PostgreSQL on the cluster under `<dataDir>/postgres`, making it on first use. Works as root and as an ordinary
 * user, and after any kill: a server that outlived its owner is ended first.
 * @throws Error with one sentence when another living server has this data folder, or PostgreSQL cannot start
 */
export async function startEmbedded(dataDir: string, log: StartLog): Promise<EmbeddedDatabase> {
  const home = resolve(dataDir, 'postgres');
  const lock = await takeHome(home);
  try {
    const { child, cluster, url } = await startIn(home, log);
    const applicationUrl = await openApplication(home, cluster, url);
    let stopping = false;
    const lost = new Promise<void>((ended) => child.once('exit', () => stopping || ended()));
    const stop = async (): Promise<void> => {
      stopping = true;
      await endServer(cluster);
      await lock.release();
    };
    return { url, applicationUrl, lost, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
