import type { Room } from '../storage/delivery.ts';

/** Deliveries under way at once: of all, and of one host. */
const MOST = 32;
const MOST_OF_HOST = 8;
/** A host that failed so often in a row gets one at a time until it answers again. */
const FAILURES_OF_DEAD_HOST = 8;

/** Who may be delivered to now: no host takes the places of the others, least of all one that does not answer. */
export class HostSlots {
  readonly #underWay = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  #total = 0;

  take(host: Buffer): void {
    this.#total += 1;
    this.#underWay.set(nameOf(host), this.#of(host) + 1);
  }

  /** @returns whether there was no room for more until now */
  leave(host: Buffer): boolean {
    const wasFull = this.#total >= MOST || this.#openOf(host) === 0;
    this.#total -= 1;
    const left = this.#of(host) - 1;
    if (left === 0) this.#underWay.delete(nameOf(host));
    else this.#underWay.set(nameOf(host), left);
    return wasFull;
  }

  noteReceived(host: Buffer): void {
    this.#failures.delete(nameOf(host));
  }

  noteFailed(host: Buffer): void {
    this.#failures.set(nameOf(host), (this.#failures.get(nameOf(host)) ?? 0) + 1);
  }

  /** How much may be taken now. */
  room(): Room {
    const names = new Set([...this.#underWay.keys(), ...this.#failures.keys()]);
    const ofHosts = [...names].map((name) => {
      const host = Buffer.from(name, 'hex');
      return { host, most: this.#openOf(host) };
    });
    return { most: MOST - this.#total, mostOfHost: MOST_OF_HOST, ofHosts };
  }

  #openOf(host: Buffer): number {
    const isDead = (this.#failures.get(nameOf(host)) ?? 0) >= FAILURES_OF_DEAD_HOST;
    return Math.max(0, (isDead ? 1 : MOST_OF_HOST) - this.#of(host));
  }

  #of(host: Buffer): number {
    return this.#underWay.get(nameOf(host)) ?? 0;
  }
}

function nameOf(host: Buffer): string {
  return host.toString('hex');
}
