import { startTarget } from './processes.js';

const CHECK = '/fhir/Consent/$check';
const EVERY_WIDTH = [1, 16, 64, 256];

/** A program of this folder, that is asked `deck` at `path`. */
const program = (name, deck, path) => async (register, started) => {
  const { pid, address } = await (started[name] ??= startTarget(name, register.settings));
  return { servers: [{ pid, address }], deck: { deck, path } };
};

/** The server itself, asked by a client. */
const akkoord = (deck, path, client) => async (register) => ({
  servers: register.servers,
  deck: { deck, path, token: await register.tokenOf(client) },
});

const WAYS = {
  check: akkoord('check', CHECK, 'exchange'),
  batch: akkoord('batch', CHECK, 'exchange'),
  locate: akkoord('locate', '/fhir/Consent/$locate', 'exchange'),
  search: akkoord('search', '/fhir/Consent/_search', 'gp'),
  choose: akkoord('choose', '/fhir/Consent/$choose', 'gp'),
};

async function mixed(register, started) {
  const names = Object.keys(WAYS);
  const ways = await Promise.all(names.map((name) => WAYS[name](register, started)));
  const decks = names.map((name, at) => [name, ways[at].deck]);
  return { servers: register.servers, deck: { deck: 'mixed', ...Object.fromEntries(decks) } };
}

/**
 * What can be measured, in the order in which it is: at how many connections, and how it is asked. `sizes`: also in smaller
 * registers. `stirs`: what it leaves to be done afterwards is waited for, and
 * part of what it costs.
 */
export const TARGETS = {
  raw: { widths: EVERY_WIDTH, open: program('raw', 'echo', '/') },
  echo: { widths: EVERY_WIDTH, open: program('echo', 'echo', '/') },
  naive: { widths: EVERY_WIDTH, open: program('naive', 'check', '/naive') },
  'without door and token': { widths: [64], open: program('without', 'check', '/bare') },
  'without token': { widths: [64], open: program('without', 'check', CHECK) },
  check: { widths: EVERY_WIDTH, sizes: true, open: WAYS.check },
  rate: { widths: [64], sizes: true, open: WAYS.check },
  batch: { widths: [8], items: 100, open: WAYS.batch },
  locate: { widths: [16], open: WAYS.locate },
  search: { widths: [16], open: WAYS.search },
  choose: { widths: [16], stirs: true, open: WAYS.choose },
  mixed: { widths: [64], stirs: true, open: mixed },
};

/** The targets of these names in one register, ready to be asked. */
export async function openTargets(register, names) {
  const started = {};
  const targets = [];
  for (const name of names) {
    const { open, ...target } = TARGETS[name];
    targets.push({ name, register, ...target, ...(await open(register, started)) });
  }
  return targets;
}
