import type { Room } from '../storage/delivery.ts';

/** Deliveries under way at once, of all hosts. */
const MOST = 64;
/** Of these, what is kept free for hosts that are quick. */
const RESERVED = 16;
/** At once to one host: that answered quickly the last time, and any other (slow, dead, or not known yet). */
const MOST_OF_QUICK = 8;
const MOST_OF_OTHER = 1;
/** An answer that took longer is a slow one, in milliseconds. */
const SLOW = 1000;
/** Hosts that are remembered; the one that was met longest ago is forgotten first. */
const MOST_HOSTS = 1000;

interface Host {
  readonly host: Buffer;
  underWay: number;
  isQuick: boolean;
}

/**
 * Who may be delivered to now: no host takes the places of the others, and those that are slow or do not answer together
 * never take all of them.
 */
export class HostSlots {
  readonly #hosts = new Map<string, Host>();
  #total = 0;
  #others = 0;

  take(host: Buffer): void {
    const known = this.#meet(host);
    known.underWay += 1;
    this.#total += 1;
    if (!known.isQuick) this.#others += 1;
  }

  /** @param received whether the last message of this delivery was received. @param took milliseconds */
  noteAnswer(host: Buffer, received: boolean, took: number): void {
    const known = this.#meet(host);
    const isQuick = received && took < SLOW;
    if (isQuick !== known.isQuick) this.#others += isQuick ? -known.underWay : known.underWay;
    known.isQuick = isQuick;
  }

  /** @returns whether there was no room for more of its kind until now */
  leave(host: Buffer): boolean {
    const known = this.#meet(host);
    const { isQuick, underWay } = known;
    const wasFull = this.#total >= MOST || (!isQuick && this.#others >= MOST - RESERVED);
    const hostWasFull = underWay >= (isQuick ? MOST_OF_QUICK : MOST_OF_OTHER);
    known.underWay -= 1;
    this.#total -= 1;
    if (!isQuick) this.#others -= 1;
    return wasFull || hostWasFull;
  }

  /** How much may be taken now: first for the hosts that are quick, then for all others. */
  rooms(): readonly Room[] {
    const hosts = [...this.#hosts.values()];
    const open = ({ host, underWay }: Host, most: number) => ({ host, most: Math.max(0, most - underWay) });
    const quick = hosts.filter(({ isQuick }) => isQuick).map((host) => open(host, MOST_OF_QUICK));
    const others = hosts.filter(({ isQuick }) => !isQuick).map((host) => open(host, MOST_OF_OTHER));
    const none = quick.map(({ host }) => ({ host, most: 0 }));
    return [
      { most: MOST - this.#total, mostOfHost: 0, ofHosts: quick },
      {
        most: Math.min(MOST - this.#total, MOST - RESERVED - this.#others),
        mostOfHost: MOST_OF_OTHER,
        ofHosts: [...none, ...others.filter(({ most }) => most < MOST_OF_OTHER)],
      },
    ].filter(({ most, mostOfHost, ofHosts }) => most > 0 && (mostOfHost > 0 || ofHosts.length > 0));
  }

  #meet(host: Buffer): Host {
    const name = host.toString('hex');
    const known = this.#hosts.get(name) ?? { host, underWay: 0, isQuick: false };
    this.#hosts.delete(name);
    this.#hosts.set(name, known);
    if (this.#hosts.size > MOST_HOSTS) this.#forgetOne();
    return known;
  }

  #forgetOne(): void {
    for (const [name, { underWay }] of this.#hosts) {
      if (underWay > 0) continue;
      this.#hosts.delete(name);
      return;
    }
  }
}
