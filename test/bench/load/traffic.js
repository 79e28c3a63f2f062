import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { LeanSocket } from './lean-socket.js';
import { Tally } from './tally.js';

/** How long the last answers may take, in milliseconds. */
const PATIENCE = 10_000;
const LOOK_ROUND = 20;

/** Connections, what is under way on them, and what became of it. `onFree(socket)` is told of each that can send. */
export class Traffic {
  #sockets = [];
  #underWay = new Map();
  #tally;
  #onFree;

  static async open({ addresses, connections, seconds }, onFree) {
    const traffic = new Traffic();
    const events = {
      onAnswer: (socket, answer) => traffic.#answered(socket, answer),
      onLost: (socket) => traffic.#lost(socket),
    };
    const opening = Array.from({ length: connections }, (_, at) =>
      LeanSocket.open(addresses[at % addresses.length], events),
    );
    traffic.#sockets = await Promise.all(opening);
    traffic.#tally = new Tally(seconds);
    traffic.#onFree = onFree;
    return traffic;
  }

  get sockets() {
    return this.#sockets;
  }

  /** @param since the moment from which the time of the answer counts */
  send(socket, request, since) {
    this.#underWay.set(socket, { request, since });
    socket.send(request.bytes);
  }

  /** What was measured, when the last answers are there. */
  async finish() {
    const end = performance.now() + PATIENCE;
    while (this.#underWay.size > 0 && performance.now() < end) await sleep(LOOK_ROUND);
    this.#tally.lost(this.#underWay.size);
    for (const socket of this.#sockets) socket.close();
    return this.#tally.result();
  }

  #answered(socket, answer) {
    const { request, since } = this.#underWay.get(socket);
    this.#underWay.delete(socket);
    this.#tally.answered(request, since, answer);
    this.#onFree(socket);
  }

  #lost(socket) {
    this.#underWay.delete(socket);
    this.#tally.lost(1);
  }
}
