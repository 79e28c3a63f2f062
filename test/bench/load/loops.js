import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Traffic } from './traffic.js';

/** As many requests under way as there are connections: each asks again as soon as it has its answer. */
export async function closedLoop(order, next) {
  const end = { at: Infinity };
  const traffic = await Traffic.open(order, (socket) => {
    const now = performance.now();
    if (now < end.at) traffic.send(socket, next(), now);
  });
  end.at = performance.now() + order.seconds * 1000;
  for (const socket of traffic.sockets) traffic.send(socket, next(), performance.now());
  await sleep(order.seconds * 1000);
  return traffic.finish();
}

/**
 * Requests at a fixed rate, whether or not earlier ones are answered. Time counts from when a request should have been sent,
 * so that one that waits for a free connection is not thought fast.
 */
export async function openLoop(order, next) {
  const { rate, seconds } = order;
  const free = [];
  const due = [];
  const sendDue = () => {
    while (free.length > 0 && due.length > 0) traffic.send(free.pop(), next(), due.shift());
  };
  const traffic = await Traffic.open(order, (socket) => {
    free.push(socket);
    sendDue();
  });
  free.push(...traffic.sockets);
  const start = performance.now();
  for (let sent = 0; sent < rate * seconds;) {
    const until = Math.min(rate * seconds, Math.floor(((performance.now() - start) / 1000) * rate));
    for (; sent < until; sent += 1) due.push(start + (sent / rate) * 1000);
    sendDue();
    await sleep(1);
  }
  while (due.length > 0) await sleep(1);
  return traffic.finish();
}
