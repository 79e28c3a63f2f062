import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { URL } from 'node:url';
import pg from 'pg';
import { startEmbedded } from '../../dist/storage/embedded.js';
import { embeddedPostmaster } from './costs.js';
import { undoLater } from './undo.js';

/** Runs one statement on a connection of its own. */
async function runStatement(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query(statement).finally(() => client.end());
}

/**
 * The PostgreSQL server that DATABASE_URL names, or an embedded one in this folder.
 * @returns its connection string; for an embedded one also the process that all of its others come from
 */
export async function openDatabaseServer(home, say) {
  const given = process.env.DATABASE_URL || undefined;
  if (given !== undefined) {
    say('The processor time of a database that is not our own is not known: databaseCpu is null.');
    return { url: given };
  }
  const folder = join(home, 'database');
  const embedded = await startEmbedded(folder, { warn: say });
  undoLater(() => embedded.stop());
  return { url: embedded.url, postmaster: await embeddedPostmaster(folder) };
}

/** A database of its own on this server. @returns its connection string */
export async function makeDatabase(server) {
  const name = `akkoord_bench_${randomBytes(6).toString('hex')}`;
  await runStatement(server, `create database ${name}`);
  undoLater(() => runStatement(server, `drop database ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
