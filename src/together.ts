import { Problem } from './problem.ts';

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** How much is done at once. */
export interface TogetherLimits {
  /** Most that are done in one go. */
  readonly most: number;
  /** Most goes at once. */
  readonly atOnce: number;
}

/**
 * Does together what comes together. Who comes when nobody is busy does not wait; who comes meanwhile waits for the first that is
 * free, which takes all that wait: however many there are, they need few round trips and few connections, in their turn.
 */
export class Together<Asked, Answer> {
  readonly #work: (all: readonly Asked[]) => Promise<readonly Answer[]>;
  readonly #limits: TogetherLimits;
  readonly #waiting: Waiting<Asked, Answer>[] = [];
  #busy = 0;

  /** @param work the answers, in the order of the questions; begun after each of them came */
  constructor(work: (all: readonly Asked[]) => Promise<readonly Answer[]>, limits: TogetherLimits) {
    this.#work = work;
    this.#limits = limits;
  }

  /** @throws what the work throws */
  ask(asked: Asked): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ asked, answer, fail });
      if (this.#busy < this.#limits.atOnce) void this.#workAll();
    });
  }

  async #workAll(): Promise<void> {
    this.#busy += 1;
    while (this.#waiting.length > 0) await this.#workSome(this.#waiting.splice(0, this.#limits.most));
    this.#busy -= 1;
  }

  async #workSome(some: readonly Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await this.#work(some.map(({ asked }) => asked));
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
