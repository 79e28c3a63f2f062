import process from 'node:process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { removeHome } from './test-home.js';

async function dropTemplate(file) {
  const { server, template } = JSON.parse(readFileSync(file, 'utf8'));
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`drop database if exists ${client.escapeIdentifier(template)} with (force)`);
  await client.query(`drop role if exists ${client.escapeIdentifier(`${template}_login`)}`);
  await client.end();
}

/** Ends the database of this run and removes its folder; of a server that is not ours, only the template goes. */
export default async function cleanUp() {
  const home = process.env.TEST_HOME;
  const file = join(home, 'server.json');
  if (process.env.DATABASE_URL !== undefined && existsSync(file)) await dropTemplate(file);
  await removeHome(home);
}
