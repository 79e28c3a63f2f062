import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { newestCatalogue } from '../../src/read-resources.ts';
import { readPostmaster } from '../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { tokenIn } from '../start/ask.ts';
import { buildServer } from '../start/built-server.ts';
import { databaseIn, newFolder, removeFolders } from '../start/data-folders.ts';
import { faultsOf, query } from '../start/faults.ts';
import { type Account, choicesInTurn, madeUpBsns, makeChoice, openAccount } from '../start/ledger.ts';
import { type RunningServer, start, stopAll, stopServer } from '../start/running-server.ts';

const CONNECTIONS = 6;
const CITIZENS_EACH = 4;
/** How long choices stream in before a kill, in milliseconds; the longer ones are for a person who looks closer. */
const STREAM_MS = Number(process.env['KILL_STREAM_MS'] ?? 1_500);

const dataDir = newFolder();
let server: RunningServer;
let accounts: Account[];
const kills: string[] = [];

beforeAll(async () => {
  await buildServer();
  server = await start({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const bsns = madeUpBsns(CONNECTIONS * CITIZENS_EACH);
  accounts = await Promise.all(bsns.map(async (bsn) => openAccount(bsn, await tokenIn(dataDir, `citizen:${bsn}`))));
}, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

/** One connection's citizens choose in turn, until an answer stays away. Returns how many choices were acknowledged. */
async function stream(connection: number, round: number): Promise<number> {
  const choices = choicesInTurn(readCatalogue(await newestCatalogue()));
  const own = accounts.slice(connection * CITIZENS_EACH, (connection + 1) * CITIZENS_EACH);
  for (let turn = 0; ; turn += 1) {
    const account = own[turn % own.length];
    const choice = choices[(Math.floor(turn / own.length) + round) % choices.length];
    if (account === undefined || choice === undefined) throw new Error('nobody chooses');
    if (!(await makeChoice(server.baseUrl, account, choice))) return turn;
  }
}

async function killServer(): Promise<void> {
  server.child.kill('SIGKILL');
  await server.ended;
}

/** Without its database the server ends by itself, as failed. */
async function killDatabase(): Promise<void> {
  const postmaster = await readPostmaster(join(dataDir, 'postgres', 'cluster'));
  process.kill(postmaster?.pid ?? 0, 'SIGKILL');
  expect((await server.ended).code).toBe(1);
}

async function killBoth(): Promise<void> {
  const postmaster = await readPostmaster(join(dataDir, 'postgres', 'cluster'));
  server.child.kill('SIGKILL');
  process.kill(postmaster?.pid ?? 0, 'SIGKILL');
  await server.ended;
}

async function allFaults(): Promise<string[]> {
  const faults = await Promise.all(accounts.map((account) => faultsOf(server.baseUrl, dataDir, account)));
  return faults.flat();
}

function total(count: (account: Account) => number): number {
  return accounts.reduce((sum, account) => sum + count(account), 0);
}

describe('killed in the middle of a stream of choices', () => {
  it.each([
    { what: 'the server', kill: killServer },
    { what: 'the server again', kill: killServer },
    { what: 'its database', kill: killDatabase },
    { what: 'its database again', kill: killDatabase },
    { what: 'both at once', kill: killBoth },
  ])(
    '$what: the next start needs no help and every acknowledged choice is there',
    async ({ what, kill }) => {
      const before = { acknowledged: total((one) => one.acknowledged), unknown: total((one) => one.unknown) };
      const streams = Array.from({ length: CONNECTIONS }, (_, connection) => stream(connection, kills.length));
      await sleep(STREAM_MS);
      await kill();
      await Promise.all(streams);

      server = await start({ DATA_DIR: dataDir });
      expect(server.child.exitCode).toBeNull();
      expect(await allFaults()).toEqual([]);
      const acknowledged = total((one) => one.acknowledged) - before.acknowledged;
      expect(acknowledged).toBeGreaterThan(0);
      const unknown = total((one) => one.unknown) - before.unknown;
      kills.push(
        `${what}: ${acknowledged} acknowledged, ${unknown} unknown, started in ${Math.round(server.readyAfter)} ms`,
      );
    },
    LIMIT_MS,
  );

  it(
    'a stop after all that leaves no database process',
    async () => {
      expect((await stopServer(server)).code).toBe(0);
      expect(await databaseIn(dataDir)).toEqual([]);
      server = await start({ DATA_DIR: dataDir });
      process.stdout.write(`kills:\n  ${kills.join('\n  ')}\n`);
    },
    LIMIT_MS,
  );
});

describe('the check of what was acknowledged finds', () => {
  const removals = [
    {
      what: 'a consent that is gone',
      statement: `delete from consent where id = (select id from consent where rule is not null and id = any($1) limit 1)`,
      fault: 'the profile is not what was acknowledged',
    },
    {
      what: 'a version that is gone',
      statement: `delete from consent_history where version = 1 and id = (select max(id) from consent where id = any($1))`,
      fault: 'a history has a gap',
    },
  ];
  it.each(removals)(
    '$what',
    async ({ statement, fault }) => {
      const ids = accounts.flatMap(({ versions }) => [...versions].map((version) => version.split(' ')[0]));
      await query(dataDir, statement, [ids]);
      expect(await allFaults()).toContain(fault);
    },
    LIMIT_MS,
  );
});
