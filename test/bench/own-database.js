import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { URL } from 'node:url';
import pg from 'pg';
import { startEmbedded } from '../../dist/storage/embedded.js';
import { undoLater } from './undo.js';

/** Runs one statement on a connection of its own. */
export async function runStatement(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query(statement).finally(() => client.end());
}

/** The server that DATABASE_URL names, or an embedded one in this folder. @returns its connection string */
export async function openDatabaseServer(home, say) {
  const given = process.env.DATABASE_URL || undefined;
  if (given !== undefined) return given;
  const embedded = await startEmbedded(join(home, 'database'), { warn: say });
  undoLater(() => embedded.stop());
  return embedded.url;
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
