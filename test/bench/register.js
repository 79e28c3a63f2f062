import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { clientToken } from '../../dist/sandbox/issue-token.js';
import { openSandboxKeys } from '../../dist/sandbox/keys.js';
import { fillRegister } from './fill/fill-register.js';
import { makeDatabase } from './own-database.js';
import { startAkkoord, startGenerator, startTarget } from './processes.js';
import { undoLater } from './undo.js';

const SIZES = `
  select relname as name, pg_total_relation_size(oid)::float8 as bytes from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > 1000000 order by 2 desc`;
const SIZE = 'select pg_database_size(current_database())::float8 as bytes';

async function connect(url) {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  client.on('error', () => undefined);
  await client.connect();
  undoLater(() => client.end());
  return client;
}

/** What the database holds for each citizen, in bytes: all of it that came with the filling, and by table. */
async function sizeOf(client, citizens, before) {
  const { rows: tables } = await client.query(SIZES);
  const { rows: whole } = await client.query(SIZE);
  return {
    bytes: Math.round((whole[0].bytes - before) / citizens),
    tables: Object.fromEntries(tables.map(({ name, bytes }) => [name, Math.round(bytes / citizens)])),
  };
}

/**
 * A register with so many citizens, in a database of its own, with servers and a maker of load of its own.
 * @param server where its database is made
 */
export async function openRegister({ home, server, citizens, options }) {
  const url = await makeDatabase(server);
  const settings = { DATABASE_URL: url, SANDBOX: 'true', DATA_DIR: join(home, `keys-${citizens}`) };
  const first = await startAkkoord(home, options.nodeOptions, settings);
  const client = await connect(url);
  const keys = await openSandboxKeys(settings.DATA_DIR);
  const receiver = await startTarget('receiver');
  const endpoint = `http://${receiver.address.host}:${receiver.address.port}/`;
  const { rows } = await client.query(SIZE);
  const start = performance.now();
  const material = await fillRegister(url, { keys, citizens, organisations: options.organisations, endpoint });
  const seconds = Math.round((performance.now() - start) / 1000);
  const size = await sizeOf(client, citizens, rows[0].bytes);
  const more = Array.from({ length: options.servers - 1 }, () => startAkkoord(home, options.nodeOptions, settings));
  const servers = [first, ...(await Promise.all(more))];
  return {
    citizens,
    client,
    settings,
    servers,
    filled: { seconds, ...size },
    load: startGenerator(material),
    tokenOf: (name) => clientToken(keys, name),
  };
}
