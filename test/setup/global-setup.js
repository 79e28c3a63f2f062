import process from 'node:process';
import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PREFIX, removeHome, runnerOf } from './test-home.js';

/**
 * Makes the folder of this run and removes those of runs that ended without their teardown. The database itself is
 * started by the first test that asks for it (test-database.ts), so that the others do not wait for it.
 */
export default async function prepare() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const home = join(tmpdir(), name);
    if (!runnerOf(name)) await removeHome(home);
  }
  const home = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(home, 0o711);
  process.env.TEST_HOME = home;
}
