import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { readPostmaster } from '../../dist/storage/postgres-process.js';

/** Linux tells the time of processes, and how much of them is in memory, in /proc. */
const HAS_PROC = process.platform === 'linux';
/** Clock ticks are of ten milliseconds wherever Linux runs today: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICK = 10;
// Of what stands behind the name, which may hold spaces and brackets.
const PARENT = 1;
const USER_TIME = 11;
const SYSTEM_TIME = 12;
const ENDED_USER_TIME = 13;
const ENDED_SYSTEM_TIME = 14;

const LOG_AND_WAL = `
  select pg_current_wal_lsn() - '0/0' as wal, (
    select coalesce(sum(pg_total_relation_size(inhrelid)), 0) from pg_inherits
    where inhparent = 'audit_event'::regclass) as audit`;

function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Milliseconds of processor time so far, with that of children which have ended; a process that has ended itself has none. */
function timeOf(pids) {
  return pids.reduce((sum, pid) => {
    try {
      const stat = statOf(pid);
      const times = [USER_TIME, SYSTEM_TIME, ENDED_USER_TIME, ENDED_SYSTEM_TIME].map((at) => Number(stat[at]));
      return sum + times.reduce((all, one) => all + one) * TICK;
    } catch {
      return sum;
    }
  }, 0);
}

function childrenOf(parent) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return statOf(pid)[PARENT] === String(parent);
    } catch {
      return false;
    }
  });
}

/** The process that all others of an embedded PostgreSQL come from; nothing for any other. */
export async function embeddedPostmaster(dataDir) {
  return HAS_PROC ? (await readPostmaster(join(dataDir, 'postgres', 'cluster')))?.pid : undefined;
}

/** What was used so far: processor time in milliseconds, and bytes of the log and of WAL. */
export async function readUse({ client, postmaster }, pids) {
  const { rows } = await client.query(LOG_AND_WAL);
  return {
    server: HAS_PROC ? timeOf(pids) : NaN,
    database: postmaster === undefined ? NaN : timeOf([postmaster, ...childrenOf(postmaster)]),
    wal: Number(rows[0].wal),
    audit: Number(rows[0].audit),
  };
}

const each = (before, after, count, digits) => Number(((after - before) / count).toFixed(digits));

/** What one request cost. What cannot be known here is null. */
export function costOf(before, after, requests) {
  return {
    serverCpu: each(before.server, after.server, requests, 3),
    databaseCpu: each(before.database, after.database, requests, 3),
    walBytes: each(before.wal, after.wal, requests, 0),
    auditBytes: each(before.audit, after.audit, requests, 0),
  };
}

/** The most of a process that was ever in memory, in megabytes; null where that cannot be known. */
export function mostResident(pid) {
  if (!HAS_PROC) return null;
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(kilobytes) / 1024);
}
