import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { ROOT } from './built-server.ts';

type Environment = Readonly<Record<string, string>>;

/** What a program has said and how it ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server in a process of its own, that has ended when it was refused. */
export interface RunningServer {
  readonly child: ChildProcess;
  readonly baseUrl: string;
  /** Milliseconds from the start of the process until it said that it was ready. */
  readonly readyAfter: number;
  readonly stdout: () => string;
  readonly ended: Promise<Ended>;
}

/** The environment without any of the settings that a server reads. */
export function environmentWith(settings: Environment): Record<string, string> {
  const { PATH = '', HOME = '/', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...settings };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a program to its end, in the folder of the repository. */
export async function run(command: readonly string[], settings: Environment = {}): Promise<Ended> {
  return follow(launch(command, settings)).ended;
}

function launch([file = '', ...words]: readonly string[], settings: Environment): ChildProcess {
  // A group of its own, as in a terminal, so that a test can signal what Ctrl-C signals.
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  return spawn(file, words, { cwd: ROOT, env: environmentWith(settings), detached: true, stdio: [...stdio] });
}

function follow(child: ChildProcess): { readonly said: { out: string; err: string }; readonly ended: Promise<Ended> } {
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout: said.out,
    stderr: said.err,
  }));
  return { said, ended };
}

const SERVER = [process.execPath, join(ROOT, 'dist', 'main.js')];

interface StartOptions {
  readonly command?: readonly string[];
  /** What is waited for; default: that the server says it is ready. */
  readonly until?: () => Promise<boolean>;
}

/** Starts a server, on a free port unless told otherwise, and waits until it is ready or was refused. */
export async function startServer(settings: Environment, options: StartOptions = {}): Promise<RunningServer> {
  const port = settings['PORT'] ?? String(await freePort());
  const start = performance.now();
  const child = launch(options.command ?? SERVER, { ...settings, PORT: port });
  const { said, ended } = follow(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const isThere = options.until ?? (() => Promise.resolve(said.err.includes('"message":"ready"')));
  await waitUntil(async () => hasEnded() || (await isThere()), LIMIT_MS);
  const readyAfter = performance.now() - start;
  return { child, baseUrl: `http://127.0.0.1:${port}`, readyAfter, stdout: () => said.out, ended };
}

/** Tells a server to stop and waits until it has. */
export async function stopServer(server: RunningServer, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  server.child.kill(signal);
  return server.ended;
}

const running: RunningServer[] = [];

/** As `startServer`, and ended after the last test of the file if it still runs then. */
export async function start(settings: Environment, options?: StartOptions): Promise<RunningServer> {
  const server = await startServer(settings, options);
  running.push(server);
  return server;
}

/** The only line of what a refused program said; nothing when it said more. */
export function sentence({ stderr }: Ended): string | undefined {
  const [line, ...others] = stderr.trimEnd().split('\n');
  return others.length === 0 ? line : undefined;
}

/** Ends what `start` started. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.map((server) => stopServer(server)));
}
