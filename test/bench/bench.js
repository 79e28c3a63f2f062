import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, URL } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { clientToken } from '../../dist/sandbox/issue-token.js';
import { openSandboxKeys } from '../../dist/sandbox/keys.js';
import { startEmbedded } from '../../dist/storage/embedded.js';
import { fill } from './fill.js';
import { drawTable, summarise } from './report.js';

// `npm run bench`: see README.md in this folder.

const { values: options } = parseArgs({
  options: {
    citizens: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '1,16,64' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    'node-options': { type: 'string', default: '' },
  },
});
const CONNECTIONS = options.connections.split(',').map(Number);
const SECONDS = Number(options.seconds);
const WARM_UP = { connections: 16, seconds: Math.min(3, SECONDS) };

/** What to undo at the end, last first. */
const undo = [];
const say = (text) => process.stderr.write(`${text}\n`);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function pathOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Stops a child process as an operator would and waits until it has ended. */
function stopLater(child) {
  undo.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
}

/** A database for this run alone, on the server that DATABASE_URL names or on an embedded one. */
async function openOwnDatabase(home) {
  const given = process.env.DATABASE_URL || undefined;
  const embedded = given === undefined ? await startEmbedded(join(home, 'database'), { warn: say }) : undefined;
  if (embedded !== undefined) undo.push(() => embedded.stop());
  const server = embedded?.url ?? given;
  const name = `akkoord_bench_${randomBytes(6).toString('hex')}`;
  await run(server, `create database ${name}`);
  undo.push(() => run(server, `drop database ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function run(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** The server as it is shipped, in a process of its own, its log in a file. */
async function startAkkoord(home, databaseUrl) {
  const port = await freePort();
  const log = join(home, 'server.log');
  const settings = { PORT: String(port), DATABASE_URL: databaseUrl, SANDBOX: 'true', DATA_DIR: join(home, 'keys') };
  const words = [...options['node-options'].split(' ').filter((word) => word !== ''), pathOf('../../dist/main.js')];
  const stdio = ['ignore', 'ignore', openSync(log, 'w')];
  const child = spawn(process.execPath, words, { env: { PATH: process.env.PATH, ...settings }, stdio });
  stopLater(child);
  while (!readFileSync(log, 'utf8').includes('"message":"ready"')) {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${readFileSync(log, 'utf8')}`);
    await sleep(50);
  }
  return {
    url: `http://127.0.0.1:${port}/fhir/Consent/$check`,
    keys: await openSandboxKeys(settings.DATA_DIR),
    settings,
  };
}

/** The same decisions without door or token, in a process of its own. */
async function startWithout(settings) {
  const port = await freePort();
  const env = { PATH: process.env.PATH, ...settings, PORT: String(port) };
  const child = fork(pathOf('without.js'), [], { execArgv: [], env });
  stopLater(child);
  await once(child, 'message');
  return { bare: `http://127.0.0.1:${port}/bare`, untold: `http://127.0.0.1:${port}/fhir/Consent/$check` };
}

async function startEcho() {
  const port = await freePort();
  const child = fork(pathOf('echo.js'), [String(port)], { execArgv: [] });
  stopLater(child);
  await once(child, 'message');
  return `http://127.0.0.1:${port}/`;
}

/** Another process makes the load; it answers each order with what it measured. */
function startLoad(bsns) {
  const child = fork(pathOf('load.js'), [], { execArgv: [] });
  stopLater(child);
  child.send({ bsns });
  return async (order) => {
    child.send({ order });
    const [{ result, failure }] = await once(child, 'message');
    if (failure !== undefined) throw new Error(failure);
    return result;
  };
}

/** All targets in turn at every width, round after round: what else the machine does strikes them alike. */
async function measure(load, targets) {
  const lines = [];
  for (const target of targets) await load({ ...target, ...WARM_UP });
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const connections of CONNECTIONS) {
      let echo;
      for (const target of targets) {
        const result = await load({ ...target, connections, seconds: SECONDS });
        echo ??= result.requestsPerSecond;
        const ratioToEcho = Number((result.requestsPerSecond / echo).toFixed(3));
        const line = { name: target.name, connections, ...result, ratioToEcho, round };
        process.stdout.write(`${JSON.stringify(line)}\n`);
        lines.push(line);
      }
    }
  }
  return lines;
}

async function bench() {
  const home = mkdtempSync(join(tmpdir(), 'akkoord-bench-'));
  undo.push(() => rmSync(home, { recursive: true, force: true }));
  const databaseUrl = await openOwnDatabase(home);
  const akkoord = await startAkkoord(home, databaseUrl);
  const start = performance.now();
  const { bsns, rows } = await fill(databaseUrl, akkoord.keys, Number(options.citizens));
  say(`${options.citizens} citizens with ${rows} consents in ${Math.round((performance.now() - start) / 1000)} s`);
  const load = startLoad(bsns);
  const without = await startWithout(akkoord.settings);
  const targets = [
    { name: 'echo', url: await startEcho() },
    { name: 'without door and token', url: without.bare },
    { name: 'without token', url: without.untold },
    { name: 'check', url: akkoord.url, token: await clientToken(akkoord.keys, 'exchange') },
  ];
  const lines = await measure(load, targets);
  say(drawTable(summarise(lines)));
  if (lines.some(({ errors }) => errors > 0)) throw new Error('some requests were not answered with 200');
}

const interrupted = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal))).then(() => {
  throw new Error('interrupted');
});

try {
  await Promise.race([bench(), interrupted]);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
for (const step of undo.reverse()) await step();
process.exit();
