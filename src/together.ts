import { Problem } from './problem.ts';
import { type Asker, currentAsker, inSharedSpan } from './trace.ts';

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly asker: Asker;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** So many are begun with at once. */
const ENOUGH = 32;

/** Is told how much is done together, for the metrics. */
export interface TogetherObserver {
  /** Work of this name is done from now on; how much of it waits can be asked at any time. */
  opened(name: string, waiting: () => number): void;
  /** A go of so many begins. */
  began(name: string, size: number): void;
}

/** What is done, and how much of it at once. */
export interface TogetherOptions {
  /** For metrics and traces. */
  readonly name: string;
  /** Most that are done in one go. */
  readonly most: number;
  /** Most goes at once. */
  readonly atOnce: number;
  readonly observer?: TogetherObserver | undefined;
}

/**
 * Does together what comes together. Who comes when nobody is busy does not wait; who comes meanwhile waits for the first that is
 * free, which takes all that wait: however many there are, they need few round trips and few connections, in their turn.
 */
export class Together<Asked, Answer> {
  readonly #work: (all: readonly Asked[]) => Promise<readonly Answer[]>;
  readonly #options: TogetherOptions;
  readonly #waiting: Waiting<Asked, Answer>[] = [];
  #busy = 0;
  #isSoon = false;

  /** @param work the answers, in the order of the questions; begun after each of them came */
  constructor(work: (all: readonly Asked[]) => Promise<readonly Answer[]>, options: TogetherOptions) {
    this.#work = work;
    this.#options = options;
    options.observer?.opened(options.name, () => this.#waiting.length);
  }

  /** @throws what the work throws */
  ask(asked: Asked): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ asked, asker: currentAsker(), answer, fail });
      this.#begin();
    });
  }

  /**
   * Not before everything that has arrived by now was looked at: what of it asks goes along, and what was answered has left. But
   * never later than when there is enough, because something else may arrive without end.
   */
  #begin(): void {
    if (this.#busy >= this.#options.atOnce || this.#waiting.length === 0) return;
    if (this.#waiting.length >= ENOUGH) {
      void this.#workOnce();
    } else if (!this.#isSoon) {
      this.#isSoon = true;
      setImmediate(() => {
        this.#isSoon = false;
        if (this.#busy < this.#options.atOnce) void this.#workOnce();
      });
    }
  }

  async #workOnce(): Promise<void> {
    this.#busy += 1;
    await this.#workSome(this.#waiting.splice(0, this.#options.most));
    this.#busy -= 1;
    this.#begin();
  }

  async #workSome(some: readonly Waiting<Asked, Answer>[]): Promise<void> {
    const { name, observer } = this.#options;
    if (some.length === 0) return;
    observer?.began(name, some.length);
    try {
      const all = some.map(({ asked }) => asked);
      const askers = some.map(({ asker }) => asker);
      const answers = await inSharedSpan(name, askers, () => this.#work(all));
      for (const [at, { answer }] of some.entries()) answer(answers[at] as Answer);
    } catch (error) {
      if (some.length > 1 && !isOfAll(error)) for (const one of some) await this.#workSome([one]);
      else for (const { fail } of some) fail(error);
    }
  }
}

/** What cannot be reached fails for all of them; of anything else none fails for another's sake: each is tried alone. */
function isOfAll(error: unknown): boolean {
  return error instanceof Problem && error.kind === 'unavailable';
}
