import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedDatabase, startEmbedded } from '../../src/storage/embedded.ts';
import { readPostmaster, serverProcesses, waitUntil } from '../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { end, holdEmbedded, startHolder } from './holder.ts';

const quiet = { warn: () => undefined };
const NOBODY = { uid: 65534, gid: 65534 };
const IS_ROOT = process.getuid?.() === 0;

const folders: string[] = [];
// Shared by most tests, because initialising takes longest; each leaves it stopped.
const dataDir = newFolder();
const cluster = clusterOf(dataDir);
let started: EmbeddedDatabase[] = [];

/** A private folder: closed to the account PostgreSQL runs under when we are root. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'akkoord-embedded-'));
  folders.push(folder);
  return folder;
}

function clusterOf(folder: string): string {
  return join(folder, 'postgres', 'cluster');
}

afterEach(async () => {
  for (const embedded of started) await embedded.stop();
  started = [];
}, LIMIT_MS);

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

async function start(folder = dataDir): Promise<EmbeddedDatabase> {
  const embedded = await startEmbedded(folder, quiet);
  started.push(embedded);
  return embedded;
}

async function query(url: string | undefined, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const REMEMBER = 'drop table if exists kept; create table kept (n integer); insert into kept values (42)';
const RECALL = 'select n from kept';

function draftsIn(folder: string): string[] {
  const home = join(folder, 'postgres');
  return existsSync(home) ? readdirSync(home).filter((name) => name.startsWith('draft.')) : [];
}

async function postmasterPid(): Promise<number> {
  return (await readPostmaster(cluster))?.pid ?? 0;
}

describe('the embedded database', () => {
  it(
    'keeps its data from one start to the next and leaves no process behind',
    async () => {
      const first = await start();
      await query(first.url, REMEMBER);
      await first.stop();
      expect(await serverProcesses(cluster)).toEqual([]);
      const second = await start();
      expect(await query(second.url, RECALL)).toEqual([{ n: 42 }]);
      await second.stop();
      expect(await serverProcesses(cluster)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is durable, keeps UTC and lets nobody in without the password, which only its owner can read',
    async () => {
      const { url } = await start();
      const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'TimeZone', 'password_encryption'];
      const shown = await Promise.all(names.map((name) => query(url, `show ${name}`)));
      const values = shown.map(([row]) => Object.values(row ?? {})[0]);
      expect(values).toEqual(['on', 'on', 'on', 'UTC', 'scram-sha-256']);
      const wrong = new URL(url);
      wrong.password = 'wrong';
      await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
      expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    },
    LIMIT_MS,
  );

  it(
    'writes no value into its log',
    async () => {
      const { url } = await start();
      await query(url, 'drop table if exists t; create table t (k text primary key)');
      const values = `insert into t values ('hidden'), ('hidden')`;
      await expect(query(url, values)).rejects.toMatchObject({ code: '23505' });
      await expect(query(url, `select 'hidden'::integer`)).rejects.toMatchObject({ code: '22P02' });
      const files = readdirSync(join(cluster, 'log')).map((name) => readFileSync(join(cluster, 'log', name), 'utf8'));
      expect(files.join()).toContain('ready to accept connections');
      expect(files.join()).not.toContain('hidden');
    },
    LIMIT_MS,
  );

  it(
    'is refused to a second server, in this process or another, and stays with the first',
    async () => {
      const { url } = await start();
      await query(url, REMEMBER);
      await expect(start()).rejects.toThrow('Another server is using this data folder');
      const other = await holdEmbedded(dataDir);
      expect(other.refused).toContain('Another server is using this data folder');
      expect(await query(url, RECALL)).toEqual([{ n: 42 }]);
    },
    LIMIT_MS,
  );

  it(
    'goes to exactly one of several servers that start together',
    async () => {
      const holders = await Promise.all([holdEmbedded(dataDir), holdEmbedded(dataDir), holdEmbedded(dataDir)]);
      const urls = holders.flatMap(({ url }) => url ?? []);
      expect(urls).toHaveLength(1);
      await Promise.all(holders.map(({ child }) => end(child, 'SIGTERM')));
      expect(await serverProcesses(cluster)).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a data folder that is not usable', () => {
  it(
    'is refused with one sentence when it belongs to another user',
    async () => {
      const folder = newFolder();
      chmodSync(folder, 0o555);
      const holder = await holdEmbedded(folder, IS_ROOT ? NOBODY : undefined);
      expect(holder.refused).toBe('The data folder cannot be written: it may belong to another user.');
      chmodSync(folder, 0o755);
    },
    LIMIT_MS,
  );

  it(
    'is refused with one sentence when the password is gone',
    async () => {
      const folder = newFolder();
      mkdirSync(clusterOf(folder), { recursive: true });
      await expect(start(folder)).rejects.toThrow('The file with the password of the embedded database is gone.');
    },
    LIMIT_MS,
  );
});

describe('after a kill', () => {
  it(
    'of its owner the next start ends the server left behind and has the data',
    async () => {
      const holder = await holdEmbedded(dataDir);
      await query(holder.url, REMEMBER);
      const orphan = await postmasterPid();
      await end(holder.child, 'SIGKILL');
      expect(await serverProcesses(cluster)).toContain(orphan);
      const next = await start();
      expect(await serverProcesses(cluster)).not.toContain(orphan);
      expect(await query(next.url, RECALL)).toEqual([{ n: 42 }]);
    },
    LIMIT_MS,
  );

  it(
    'of the server its owner learns it, and the next start has the data',
    async () => {
      const embedded = await start();
      await query(embedded.url, REMEMBER);
      process.kill(await postmasterPid(), 'SIGKILL');
      await embedded.lost;
      await embedded.stop();
      expect(await query((await start()).url, RECALL)).toEqual([{ n: 42 }]);
    },
    LIMIT_MS,
  );

  it(
    'of both at once the next start works at once, time after time',
    async () => {
      for (let round = 0; round < 3; round += 1) {
        const holder = await holdEmbedded(dataDir);
        if (round === 0) await query(holder.url, 'drop table if exists kept; create table kept (n integer)');
        await query(holder.url, `insert into kept values (${round})`);
        process.kill(await postmasterPid(), 'SIGKILL');
        await end(holder.child, 'SIGKILL');
      }
      expect(await query((await start()).url, RECALL)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    },
    LIMIT_MS,
  );

  it(
    'in the middle of the first start the next one begins anew',
    async () => {
      const folder = newFolder();
      const child = await startHolder(folder);
      await waitUntil(() => draftsIn(folder).length > 0, LIMIT_MS);
      await end(child, 'SIGKILL');
      expect(await query((await start(folder)).url, 'select 1 as n')).toEqual([{ n: 1 }]);
      expect(draftsIn(folder)).toEqual([]);
    },
    LIMIT_MS,
  );

  it.each([
    { whose: 'another living program', pid: () => process.pid },
    { whose: 'nobody', pid: () => 4_194_303 },
  ])(
    'a postmaster.pid with the process id of $whose does not matter',
    async ({ pid }) => {
      const first = await start();
      await query(first.url, REMEMBER);
      const file = join(cluster, 'postmaster.pid');
      const text = readFileSync(file, 'utf8');
      await first.stop();
      writeFileSync(file, text.replace(/^\d+/, String(pid())));
      expect(await query((await start()).url, RECALL)).toEqual([{ n: 42 }]);
    },
    LIMIT_MS,
  );
});

describe('an ordinary user', () => {
  it(
    'has the embedded database too',
    async () => {
      const account = IS_ROOT ? NOBODY : undefined;
      const folder = newFolder();
      chmodSync(folder, 0o755);
      if (account !== undefined) chownSync(folder, account.uid, account.gid);
      const holder = await holdEmbedded(folder, account);
      await query(holder.url, REMEMBER);
      expect(await query(holder.url, RECALL)).toEqual([{ n: 42 }]);
      expect(statSync(clusterOf(folder)).uid).toBe(account?.uid ?? process.getuid?.());
      await end(holder.child, 'SIGTERM');
      expect(await serverProcesses(clusterOf(folder))).toEqual([]);
    },
    LIMIT_MS,
  );
});
