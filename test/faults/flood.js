import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { LeanSocket, statusOf } from '../bench/load/lean-socket.js';

// Makes more load than a server can take, in a process of its own. Orders come as messages, one at a time.

const AGAIN = /\r\nretry-after: *(\d+)/i;

function percentile(times, share) {
  const sorted = Float64Array.from(times).sort();
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}

/** What became of the requests: how many were answered with what, and how long that took. */
class Outcome {
  #statuses = {};
  #good = [];
  #refused = [];
  #untold = 0;

  /** @returns for how many seconds it says not to come again */
  answered(answer, since) {
    const status = statusOf(answer);
    const took = performance.now() - since;
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (status === 200) {
      this.#good.push(took);
      return 0;
    }
    this.#refused.push(took);
    const [, seconds = 0] = AGAIN.exec(answer.latin1Slice()) ?? [];
    if (seconds === 0) this.#untold += 1;
    return Number(seconds);
  }

  broken() {
    this.#statuses.broken = (this.#statuses.broken ?? 0) + 1;
  }

  result(seconds) {
    return {
      statuses: this.#statuses,
      goodput: Math.round(this.#good.length / seconds),
      p99: percentile(this.#good, 0.99),
      refusedP50: percentile(this.#refused, 0.5),
      refusedP99: percentile(this.#refused, 0.99),
      untold: this.#untold,
    };
  }
}

/**
 * Sends requests at a fixed rate, or without one as fast as they are answered; a rate that finds no free connection is lost.
 * @param heeds whether a connection rests for as long as it was told to
 */
async function load({ address, requests, connections, seconds, rate, heeds = false }) {
  const bytes = requests.map((text) => Buffer.from(text));
  const outcome = new Outcome();
  const since = new Map();
  const free = new Set();
  let turn = 0;
  let isOver = false;
  const send = (socket) => {
    free.delete(socket);
    since.set(socket, performance.now());
    socket.send(bytes[turn++ % bytes.length]);
  };
  const onAnswer = (socket, answer) => {
    const rest = isOver ? 0 : outcome.answered(answer, since.get(socket));
    since.delete(socket);
    if (!isOver && rate === undefined) send(socket);
    else if (heeds && rest > 0) setTimeout(() => free.add(socket), rest * 1000);
    else free.add(socket);
  };
  const onLost = (socket) => {
    free.delete(socket);
    // One on which nothing was asked may be closed.
    if (since.has(socket)) outcome.broken();
  };
  const opening = Array.from({ length: connections }, () => LeanSocket.open(address, { onAnswer, onLost }));
  const sockets = await Promise.all(opening);
  let missed = 0;
  const start = performance.now();
  if (rate === undefined) sockets.forEach(send);
  else for (const socket of sockets) free.add(socket);
  for (let due = 0; performance.now() - start < seconds * 1000;) {
    const until = rate === undefined ? 0 : Math.floor(((performance.now() - start) / 1000) * rate);
    for (; due < until; due += 1) {
      const [socket] = free;
      if (socket === undefined) missed += 1;
      else send(socket);
    }
    await sleep(1);
  }
  isOver = true;
  const result = { ...outcome.result((performance.now() - start) / 1000), sent: turn, missed };
  sockets.forEach((socket) => socket.close());
  return result;
}

/** Sockets that send a byte of a header now and then, and how many of them the server has closed, which is waited for. */
async function trickle({ address, connections, seconds, patience }) {
  let closed = 0;
  const sockets = Array.from({ length: connections }, () =>
    connect(address)
      .on('error', () => undefined)
      .on('close', () => (closed += 1))
      .resume(),
  );
  for (const socket of sockets) socket.write('POST /fhir/Consent/$check HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const end = performance.now() + seconds * 1000;
  while (performance.now() < (closed < connections ? end + patience : end)) {
    for (const socket of sockets) if (socket.writable) socket.write('a');
    await sleep(500);
  }
  const result = { closed };
  sockets.forEach((socket) => socket.destroy());
  return result;
}

/** Opens connections one after the other, many at once, says nothing on them and leaves. */
async function storm({ address, connections, seconds }) {
  const end = performance.now() + seconds * 1000;
  let opened = 0;
  const one = async () => {
    while (performance.now() < end) {
      const socket = connect(address).on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
      opened += 1;
      socket.resetAndDestroy();
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { opened };
}

const ORDERS = { load, trickle, storm };

process.on('message', ({ order, ...wanted }) => {
  ORDERS[order](wanted).then(
    (result) => process.send({ result }),
    (error) => process.send({ failure: error.stack }),
  );
});
