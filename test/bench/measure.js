import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { costOf, readUse } from './costs.js';

const WAITING = 'select count(*)::integer as count from notification where due_at is not null';
/** How long notifications may take to be delivered, in milliseconds. */
const PATIENCE = 300_000;
const LOOK_ROUND = 100;

/** Waits until holders have been told of everything, so that nothing else is measured beside it. @returns seconds */
async function settle({ client }) {
  const start = performance.now();
  while ((await client.query(WAITING)).rows[0].count > 0) {
    if (performance.now() - start > PATIENCE) throw new Error('notifications are not delivered');
    await sleep(LOOK_ROUND);
  }
  return Math.round((performance.now() - start) / 100) / 10;
}

async function measureOne(
  { name, register, servers, deck, items = 1, stirs },
  { connections, seconds, rate, postmaster },
) {
  const addresses = servers.map(({ address }) => address);
  const pids = servers.map(({ pid }) => pid);
  const place = { client: register.client, postmaster };
  const before = await readUse(place, pids);
  const result = await register.load({ addresses, deck, connections, seconds, ...(name === 'rate' && { rate }) });
  const told = stirs ? { toldAfter: await settle(register) } : {};
  const after = await readUse(place, pids);
  const decisions = items === 1 ? {} : { decisionsPerSecond: result.requestsPerSecond * items };
  return { ...result, ...decisions, ...told, ...costOf(before, after, result.requests) };
}

/** Each target at each of its widths, one width after another; which register is first changes from round to round. */
function inTurn(targets, widths, round) {
  const ordered = round % 2 === 1 ? targets : [...targets].reverse();
  const names = [...new Set(targets.map(({ name }) => name))];
  const all = ordered.flatMap((target) => (widths ?? target.widths).map((connections) => ({ target, connections })));
  const place = ({ target }) => names.indexOf(target.name);
  return all.sort((one, other) => one.connections - other.connections || place(one) - place(other));
}

const ratio = (one, other) => (other === undefined ? null : Number((one / other).toFixed(3)));

/**
 * Everything in turn, round after round: what else the machine does strikes all alike. Prints a line of JSON for each.
 * @param targets those of all registers; what comes first at one width is what the others of that width are compared with
 */
export async function measure(targets, { connections: widths, rounds, seconds, rate, postmaster }) {
  const warmUp = { connections: Math.min(16, ...(widths ?? [])), seconds: Math.min(3, seconds), rate, postmaster };
  for (const target of targets) await measureOne(target, warmUp);
  const lines = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const { target, connections } of inTurn(targets, widths, round)) {
      const result = await measureOne(target, { connections, seconds, rate, postmaster });
      const sameTime = (name) =>
        lines.find((one) => one.name === name && one.round === round && one.connections === connections);
      const beside = (name) =>
        ratio(
          result.requestsPerSecond,
          name === target.name ? result.requestsPerSecond : sameTime(name)?.requestsPerSecond,
        );
      const { citizens } = target.register;
      const compared = { ratioToEcho: beside('echo'), ratioToNaive: beside('naive') };
      const line = { name: target.name, citizens, connections, round, ...result, ...compared };
      process.stdout.write(`${JSON.stringify(line)}\n`);
      lines.push(line);
    }
  }
  return lines;
}
