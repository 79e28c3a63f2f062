import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/storage/database.ts';
import { startEmbedded } from '../../src/storage/embedded.ts';
import { binaryFolder } from '../../src/storage/initialise-cluster.ts';
import { ENVIRONMENT, chooseAccount, commandFor } from '../../src/storage/postgres-account.ts';
import { readPostmaster, waitUntil } from '../../src/storage/postgres-process.ts';
import { serverArguments } from '../../src/storage/postgres-settings.ts';
import { LIMIT_MS } from '../setup/test-database.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'akkoord-durability-'));
const cluster = join(dataDir, 'postgres', 'cluster');
let url: URL;

beforeAll(async () => {
  const embedded = await startEmbedded(dataDir, { warn: () => undefined });
  url = new URL(embedded.url);
  await embedded.stop();
}, LIMIT_MS);

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** A server on the same cluster whose last settings win over ours. */
async function startWith(...settings: string[]): Promise<ChildProcess> {
  const args = [...serverArguments(cluster, Number(url.port)), ...settings.flatMap((setting) => ['-c', setting])];
  const program = join(binaryFolder(), 'postgres');
  const command = await commandFor(await chooseAccount(cluster), program, args, [dataDir, binaryFolder()]);
  const { file, args: words, ...identity } = command;
  const child = spawn(file, words, { ...identity, cwd: '/', env: ENVIRONMENT, stdio: 'ignore' });
  await waitUntil(async () => (await readPostmaster(cluster))?.ready === true, LIMIT_MS);
  return child;
}

describe('a server that could lose what it acknowledged is refused', () => {
  it.each([
    { settings: ['fsync=off'], missing: 'fsync' },
    { settings: ['full_page_writes=off'], missing: 'full_page_writes' },
    { settings: ['fsync=off', 'synchronous_commit=off'], missing: 'fsync, synchronous_commit' },
  ])(
    'with $settings',
    async ({ settings, missing }) => {
      const server = await startWith(...settings);
      const ended = once(server, 'exit');
      await expect(openDatabase(url.href)).rejects.toThrow(`switch on ${missing}.`);
      server.kill('SIGINT');
      await ended;
    },
    LIMIT_MS,
  );
});
