import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { grantApplication } from './application-rights.ts';
import { toProblem } from './database-problem.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Any fixed number; every server that migrates takes the lock under it. */
const LOCK = 4_205_118_863;

// Null before the first migration: then whoever comes may try.
const MAY_MIGRATE = `select coalesce(has_table_privilege(to_regclass('migration'), 'insert'), true) as may`;
const DONE = 'select name from migration';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Brings the database up to date with the SQL files in /migrations, all in one transaction.
 * Servers that start together take turns: the runner's own lock fails at once instead of waiting, so it is switched off
 * and the same connection first waits for ours.
 * @param url of the owner of all tables
 * @param applicationUrl of the login the server works with, which gets its rights; by default the owner itself
 * @returns Names of the migrations that were run.
 * @throws Problem unavailable when the server cannot be reached; Error with one sentence when there is something to migrate, and
 *   this login may not
 */
export async function migrate(url: string, applicationUrl = url): Promise<string[]> {
  const client = openClient(url);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    if (!(await mayMigrate(client))) return await assertMigrated(client);
    const settings = { direction: 'up', noLock: true, singleTransaction: true, logger: silent } as const;
    const run = await runner({ dbClient: client, dir: MIGRATIONS, migrationsTable: 'migration', ...settings });
    if (applicationUrl !== url) await grantTo(client, await loginOf(applicationUrl));
    return run.map(({ name }) => name);
  } catch (error) {
    throw toProblem(error);
  } finally {
    await client.end();
  }
}

async function mayMigrate(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(MAY_MIGRATE);
  return rows[0]?.may ?? true;
}

/** Whoever is not the owner can only see whether all is done. */
async function assertMigrated(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(DONE);
  const done = new Set(rows.map(({ name }) => name));
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql'));
  if (files.every((file) => done.has(file.slice(0, -'.sql'.length)))) return [];
  throw new Error('The database has to be migrated first, by the login that owns it: set DATABASE_OWNER_URL.');
}

function openClient(url: string): pg.Client {
  const client = new pg.Client({ connectionString: url, application_name: 'akkoord-migrate' });
  client.on('error', () => undefined);
  return client;
}

/** The name a server knows a login by; its address need not tell. */
async function loginOf(url: string): Promise<string> {
  const client = openClient(url);
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>('select session_user as name');
    return rows[0]?.name ?? '';
  } finally {
    await client.end();
  }
}

/** The owner needs no rights from itself, and would lose them here. */
async function grantTo(owner: pg.Client, login: string): Promise<void> {
  const { rows } = await owner.query<{ name: string }>('select session_user as name');
  if (rows[0]?.name === login) return;
  await owner.query('begin');
  await grantApplication(owner, login);
  await owner.query('commit');
}
