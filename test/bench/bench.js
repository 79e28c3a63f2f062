import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clientToken } from '../../dist/sandbox/issue-token.js';
import { openSandboxKeys } from '../../dist/sandbox/keys.js';
import { fill } from './fill.js';
import { readOptions } from './options.js';
import { makeDatabase, openDatabaseServer } from './own-database.js';
import { startAkkoord, startGenerator, startTarget } from './processes.js';
import { drawTable, summarise } from './report.js';
import { undoAll, undoLater } from './undo.js';

// `npm run bench`: see README.md in this folder.

const CHECK = '/fhir/Consent/$check';
const options = readOptions();
const WARM_UP = { connections: 16, seconds: Math.min(3, options.seconds) };
const say = (text) => process.stderr.write(`${text}\n`);

/** One round at one width: every target in turn, and each beside the echo of the same round. */
async function measureOnce(load, targets, connections, round) {
  const results = [];
  for (const { name, ...target } of targets) {
    const result = await load({ ...target, connections, seconds: options.seconds });
    results.push({ name, connections, ...result, round });
  }
  const echo = results.find(({ name }) => name === 'echo')?.requestsPerSecond ?? NaN;
  const lines = results.map((line) => ({ ...line, ratioToEcho: Number((line.requestsPerSecond / echo).toFixed(3)) }));
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  return lines;
}

/** Round after round: what else the machine does strikes all alike. */
async function measure(load, targets) {
  const lines = [];
  for (const { addresses, deck } of targets) await load({ addresses, deck, ...WARM_UP });
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const connections of options.connections) {
      lines.push(...(await measureOnce(load, targets, connections, round)));
    }
  }
  return lines;
}

/** Where each target is and how it is asked; only those that are wanted are started. */
function starters(akkoord, settings, tokens) {
  let without;
  const startWithout = () => (without ??= startTarget('without', settings));
  const deckAt = (path, token) => ({ deck: 'check', path, ...(token === undefined ? {} : { token }) });
  return {
    echo: async () => [(await startTarget('echo')).address, { deck: 'echo', path: '/' }],
    raw: async () => [(await startTarget('raw')).address, { deck: 'echo', path: '/' }],
    'without door and token': async () => [(await startWithout()).address, deckAt('/bare')],
    'without token': async () => [(await startWithout()).address, deckAt(CHECK)],
    check: async () => [akkoord.address, deckAt(CHECK, tokens.exchange)],
  };
}

async function bench() {
  const home = mkdtempSync(join(tmpdir(), 'akkoord-bench-'));
  undoLater(() => rmSync(home, { recursive: true, force: true }));
  const url = await makeDatabase(await openDatabaseServer(home, say));
  const settings = { DATABASE_URL: url, SANDBOX: 'true', DATA_DIR: join(home, 'keys') };
  const akkoord = await startAkkoord(home, options.nodeOptions, settings);
  const keys = await openSandboxKeys(settings.DATA_DIR);
  const start = performance.now();
  const { rows, ...material } = await fill(url, keys, options.citizens);
  say(`${options.citizens} citizens with ${rows} consents in ${Math.round((performance.now() - start) / 1000)} s`);
  const load = startGenerator(material);
  const start1 = starters(akkoord, settings, { exchange: await clientToken(keys, 'exchange') });
  const targets = [];
  for (const name of options.targets) {
    const [address, deck] = await start1[name]();
    targets.push({ name, addresses: [address], deck });
  }
  const lines = await measure(load, targets);
  say(drawTable(summarise(lines)));
  if (lines.some(({ errors }) => errors > 0)) throw new Error('some requests were not answered as they should be');
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
await undoAll();
process.exit();
