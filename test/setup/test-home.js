import process from 'node:process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The folder of a run is called after the process that made it. */
export const PREFIX = 'akkoord-test-';

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** True when the run that made this folder still goes on. */
export function runnerOf(name) {
  return isRunning(Number(name.slice(PREFIX.length).split('-')[0]));
}

function postmasterOf(home) {
  const file = join(home, 'data', 'postgres', 'cluster', 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
}

/** Ends the database of a run, if it started one, and removes its folder. */
export async function removeHome(home) {
  const pid = postmasterOf(home);
  if (pid > 0 && isRunning(pid)) {
    process.kill(pid, 'SIGINT');
    for (let tries = 0; tries < 500 && isRunning(pid); tries += 1) await sleep(20);
  }
  rmSync(home, { recursive: true, force: true });
}
