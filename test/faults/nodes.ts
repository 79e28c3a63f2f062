import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMIT_MS, openTestDatabase, type TestDatabase } from '../setup/test-database.ts';
import { tokenIn } from '../start/ask.ts';
import { buildServer } from '../start/built-server.ts';
import { type RunningServer, startServer, stopServer } from '../start/running-server.ts';
import { Caller } from './caller.ts';

/** A server process, and a caller of it. */
export interface Node extends Pick<Caller, 'call'> {
  server: RunningServer;
  readonly settings: Readonly<Record<string, string>>;
}

/** Server processes on one database, with one set of keys. */
export interface Nodes {
  readonly nodes: readonly Node[];
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly token: (who: string) => Promise<string>;
}

export interface NodesOptions {
  /** Settings beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where the servers find their database, when not straight. */
  readonly through?: (url: string) => Promise<string>;
}

/** Tells a server to stop, and starts it again at the same address. @returns milliseconds that each took */
export async function restart(node: Node): Promise<{ readonly stopped: number; readonly ready: number }> {
  const begun = performance.now();
  const { code, stderr } = await stopServer(node.server);
  if (code !== 0) throw new Error(`the server ended with ${code ?? 'a signal'}: ${stderr.slice(-500)}`);
  const stopped = performance.now() - begun;
  node.server = await startServer({ LOG_LEVEL: 'info', ...node.settings, PORT: new URL(node.server.baseUrl).port });
  return { stopped, ready: node.server.readyAfter };
}

/** Starts so many before the tests of a file and stops them after. */
export function useNodes(count: number, options: NodesOptions = {}): () => Nodes {
  let all: Nodes | undefined;
  const callers: Caller[] = [];
  beforeAll(async () => {
    await buildServer();
    const database = await openTestDatabase();
    const dataDir = await mkdtemp(join(process.env['TEST_HOME'] ?? '', 'nodes-'));
    const url = (await options.through?.(database.applicationUrl)) ?? database.applicationUrl;
    const settings = { DATABASE_URL: url, DATABASE_OWNER_URL: database.url, SANDBOX: 'true', DATA_DIR: dataDir };
    const nodes: Node[] = [];
    all = { nodes, database, dataDir, token: (who) => tokenIn(dataDir, who) };
    while (nodes.length < count) {
      const server = await startServer({ LOG_LEVEL: 'info', ...settings, ...options.settings });
      const caller = new Caller(server.baseUrl);
      callers.push(caller);
      nodes.push({ server, settings: { ...settings, ...options.settings }, call: caller.call });
    }
  }, LIMIT_MS);
  afterAll(async () => {
    callers.forEach((caller) => caller.close());
    await Promise.all((all?.nodes ?? []).map(({ server }) => stopServer(server)));
    await all?.database.close();
  }, LIMIT_MS);
  return () => {
    if (all === undefined) throw new Error('the servers have not started');
    return all;
  };
}
