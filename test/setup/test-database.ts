import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { startEmbedded } from '../../src/storage/embedded.ts';
import { migrate } from '../../src/storage/migrate.ts';

/** A database of one's own, empty but migrated. */
export interface TestDatabase {
  /** With the rights of its owner, who may do everything. */
  readonly database: Database;
  readonly url: string;
  /** Of the login that servers work with: it owns nothing. */
  readonly applicationUrl: string;
  /** Closes the pool and drops the database. */
  close(): Promise<void>;
}

interface Server {
  /** Connection string of a database from which others are made. */
  readonly server: string;
  /** Connection string of the application's login. */
  readonly application: string;
  readonly template: string;
}

export const LIMIT_MS = 120_000;
const quiet = { warn: () => undefined };

function home(): string {
  const folder = process.env['TEST_HOME'];
  if (folder === undefined) throw new Error('TEST_HOME is not set: run the tests through jest');
  return folder;
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** On a server that is not ours the login is this run's own; its teardown removes it. */
async function makeLogin(server: string, name: string): Promise<string> {
  const url = new URL(server);
  url.username = name;
  url.password = randomBytes(16).toString('hex');
  await onServer(server, `create role ${name} login noinherit password '${url.password}'`);
  return url.href;
}

/** The server outlives this test file: the run's teardown ends it. */
async function startServer(): Promise<Server> {
  const template = basename(home()).replaceAll('-', '_').toLowerCase();
  const given = process.env['DATABASE_URL'];
  const embedded = given === undefined ? await startEmbedded(join(home(), 'data'), quiet) : undefined;
  const server = given ?? embedded?.url ?? '';
  const application = embedded?.applicationUrl ?? (await makeLogin(server, `${template}_login`));
  await onServer(server, `create database ${template}`);
  await migrate(urlOf(server, template), urlOf(application, template));
  return { server, application, template };
}

function isFirst(): boolean {
  try {
    mkdirSync(join(home(), 'starting'));
    return true;
  } catch {
    return false;
  }
}

function readServer(): (Server & { readonly failure?: string }) | undefined {
  try {
    return JSON.parse(readFileSync(join(home(), 'server.json'), 'utf8')) as Server & { readonly failure?: string };
  } catch {
    return undefined;
  }
}

function tellOthers(answer: unknown): void {
  const file = join(home(), 'server.json');
  writeFileSync(`${file}.new`, JSON.stringify(answer), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function startForAll(): Promise<void> {
  try {
    tellOthers(await startServer());
  } catch (error) {
    tellOthers({ failure: error instanceof Error ? error.message : String(error) });
  }
}

/** One server a run: the first test file that asks starts it, the others wait for its answer. */
async function serverOfRun(): Promise<Server> {
  if (isFirst()) await startForAll();
  const end = Date.now() + LIMIT_MS;
  while (Date.now() < end) {
    const answer = readServer();
    if (answer?.failure !== undefined) throw new Error(answer.failure);
    if (answer !== undefined) return answer;
    await sleep(20);
  }
  throw new Error('the test database did not start');
}

/** Makes a copy of the migrated template. Give it `LIMIT_MS`: the first call of a run starts the server. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { template } = await serverOfRun();
  return copyOf(template);
}

/** Makes a copy of one that nobody uses at this moment: connections to it are ended. */
export async function copyTestDatabase({ url }: TestDatabase): Promise<TestDatabase> {
  const { server } = await serverOfRun();
  const original = new URL(url).pathname.slice(1);
  await onServer(server, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${original}'`);
  return copyOf(original);
}

async function copyOf(original: string): Promise<TestDatabase> {
  const { server, application, template } = await serverOfRun();
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template ${original}`);
  const url = urlOf(server, name);
  const database = await openDatabase(url);
  const close = async (): Promise<void> => {
    await database.close();
    await onServer(server, `drop database ${name} with (force)`);
  };
  return { database, url, applicationUrl: urlOf(application, name), close };
}

/** Gives the test file it is called in a database of its own; ask the returned function for it inside tests. */
export function useTestDatabase(): () => TestDatabase {
  let opened: TestDatabase | undefined;
  beforeAll(async () => {
    opened = await openTestDatabase();
  }, LIMIT_MS);
  afterAll(() => opened?.close(), LIMIT_MS);
  return () => {
    if (opened === undefined) throw new Error('the test database is opened before the first test');
    return opened;
  };
}
