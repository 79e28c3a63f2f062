import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LIMIT_MS } from '../setup/test-database.ts';

const run = promisify(execFile);

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAMP = join(ROOT, 'dist', '.built');
const TURN = join(ROOT, 'dist', '.building');

function isBuilt(): boolean {
  if (!existsSync(STAMP)) return false;
  const built = statSync(STAMP).mtimeMs;
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return ['src', 'tsconfig.json', ...names.map((name) => join('src', name))].every(
    (name) => statSync(join(ROOT, name)).mtimeMs <= built,
  );
}

function takeTurn(): boolean {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  try {
    mkdirSync(TURN);
    return true;
  } catch {
    return false;
  }
}

/** Compiles the server unless what is compiled is newer than every source: as `npm start` does. One test file does it for all. */
export async function buildServer(): Promise<void> {
  const end = Date.now() + LIMIT_MS / 2;
  while (!isBuilt()) {
    if (takeTurn()) {
      await run('npm', ['run', '--silent', 'build'], { cwd: ROOT }).finally(() => rmSync(TURN, { recursive: true }));
      return;
    }
    // A turn whose owner was killed must not stop every later run.
    if (Date.now() > end) rmSync(TURN, { recursive: true, force: true });
    await sleep(100);
  }
}
