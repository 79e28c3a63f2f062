import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { mostResident } from './costs.js';
import { measure } from './measure.js';
import { readOptions } from './options.js';
import { openDatabaseServer } from './own-database.js';
import { openRegister } from './register.js';
import { growthTable, sizeTable, speedTable } from './report.js';
import { openTargets, TARGETS } from './targets.js';
import { undoAll, undoLater } from './undo.js';

// `npm run bench`: see README.md in this folder.

const say = (text) => process.stderr.write(`${text}\n`);
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** One register for each size, the largest last. */
async function openRegisters(options, home, server) {
  const registers = [];
  for (const citizens of options.citizens) {
    const register = await openRegister({ home, server, citizens, options });
    say(`${citizens} citizens in ${register.filled.seconds} s, ${register.filled.bytes} bytes each`);
    registers.push(register);
  }
  return registers;
}

/** Everything in the largest register; in the others what is to be compared. */
async function targetsIn(registers, names) {
  const compared = names.filter((name) => TARGETS[name].sizes);
  const each = [];
  for (const register of registers) {
    each.push(...(await openTargets(register, register === registers.at(-1) ? names : compared)));
  }
  // By name first, so that the sizes of one target stand beside each other.
  return each.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
}

async function machine({ client }) {
  const [{ model }] = cpus();
  const { rows } = await client.query('show server_version');
  const programs = `Node ${process.versions.node}, PostgreSQL ${rows[0].server_version}`;
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GB, ${programs}`;
}

function describe({ name, citizens, connections, errors, wrong }) {
  return `${name} at ${connections} connections and ${citizens} citizens (${errors} errors, ${wrong} of them wrong answers)`;
}

async function bench(options) {
  const home = mkdtempSync(join(tmpdir(), 'akkoord-bench-'));
  undoLater(() => rmSync(home, { recursive: true, force: true }));
  const { url, postmaster } = await openDatabaseServer(home, say);
  const registers = await openRegisters(options, home, url);
  const lines = await measure(await targetsIn(registers, options.targets), { ...options, postmaster });
  const sizes = registers.map(({ citizens, filled, servers }) => {
    return { citizens, ...filled, resident: servers.map(({ pid }) => mostResident(pid)) };
  });
  for (const size of sizes) print({ name: 'size', ...size });
  say(`\n${await machine(registers.at(-1))}\n\n${speedTable(lines)}\n`);
  if (registers.length > 1) say(`${growthTable(lines)}\n`);
  say(sizeTable(sizes));
  const failed = lines.filter(({ errors }) => errors > 0);
  if (failed.length > 0) throw new Error(`not answered as it should be: ${failed.map(describe).join(', ')}`);
}

const interrupted = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal))).then(() => {
  throw new Error('interrupted');
});

try {
  await Promise.race([bench(readOptions()), interrupted]);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
await undoAll();
process.exit();
