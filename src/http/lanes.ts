import { problem } from '../problem.ts';
import type { WorkLimits } from './door-limits.ts';
import { type Lane, LANES } from './lane.ts';
import { refusedRequests } from './metrics.ts';

/** A response, which closes when its reader has gone. */
export interface Leaving {
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

interface Turn {
  /** Absent: nobody who could leave. */
  readonly leaving?: Leaving;
  /** For work that has begun already: it waits as long as it takes, however many wait. */
  readonly begun?: true;
}

/** A lane as it is now. `come` lets the one who waits longest go on. */
interface State {
  readonly places: number;
  working: number;
  readonly waiting: Set<() => void>;
}

/**
 * How many requests are worked on at once, and who is next. A free place goes to the first lane in which somebody waits.
 * The places of a lane are those of all lanes after it too, and each has fewer than the one before it: however much there
 * is of lower work, there is room, and a connection to the database, for what comes before it.
 */
export class Lanes {
  readonly #limits: WorkLimits;
  readonly #states: readonly State[];

  constructor(limits: WorkLimits) {
    this.#limits = limits;
    this.#states = LANES.map((lane) => ({ places: limits.places[lane], working: 0, waiting: new Set() }));
  }

  /** How many work and wait in a lane. */
  count(lane: Lane): { readonly working: number; readonly waiting: number } {
    const { working, waiting } = this.#states[LANES.indexOf(lane)] ?? { working: 0, waiting: new Set() };
    return { working, waiting: waiting.size };
  }

  /**
   * Does work when it is its lane's turn. Its place is free again when the work has ended, however it ends.
   * @throws Problem unavailable when too many wait already, when it waits too long, or when whoever asks has gone; what the
   *   work throws
   */
  async take<T>(lane: Lane, work: () => Promise<T>, turn: Turn = {}): Promise<T> {
    const index = LANES.indexOf(lane);
    const state = this.#states[index];
    if (state === undefined) throw new RangeError(lane);
    if (this.#hasPlace(index)) state.working += 1;
    else await this.#wait(state, turn);
    try {
      return await work();
    } finally {
      state.working -= 1;
      this.#callNext();
    }
  }

  /** Neither the lane nor one before it has all its places taken. */
  #hasPlace(index: number): boolean {
    let taken = 0;
    for (let at = this.#states.length - 1; at >= 0; at -= 1) {
      const { working, places } = this.#states[at] as State;
      taken += working;
      if (at <= index && taken >= places) return false;
    }
    return true;
  }

  /** Whoever is called has its place from then on, so that nobody who comes meanwhile can take it. */
  #callNext(): void {
    for (const [index, state] of this.#states.entries()) {
      for (const come of state.waiting) {
        if (!this.#hasPlace(index)) break;
        state.working += 1;
        come();
      }
    }
  }

  #wait({ waiting }: State, { leaving, begun }: Turn): Promise<void> {
    if (begun !== true && waiting.size >= this.#limits.waiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        leaving?.off('close', giveUp);
        waiting.delete(come);
      };
      const come = (): void => {
        end();
        resolve();
      };
      const giveUp = (): void => {
        end();
        reject(busy());
      };
      const timer = begun === true ? undefined : setTimeout(giveUp, this.#limits.patience);
      leaving?.once('close', giveUp);
      waiting.add(come);
    });
  }
}

/** Counted as such. @returns Problem unavailable */
export function busy() {
  countBusy();
  return tooBusy();
}

/** Counts a request that is refused because there is too much to do. */
export function countBusy(): void {
  refusedRequests.inc({ reason: 'busy' });
}

/** @returns Problem unavailable */
export function tooBusy() {
  return problem('unavailable', 'too-busy', 'There is too much to do. Try again in a moment.');
}
