import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Work that goes on until it is told to stop: round after round, with a rest after one that had nothing (more) to do. A round
 * must not throw.
 */
export class Repeated {
  readonly #round: () => Promise<{ readonly more: boolean }>;
  readonly #rest: number;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #isWoken = false;
  #endRest: () => void = () => undefined;

  /** @param rest milliseconds between two looks */
  constructor(round: () => Promise<{ readonly more: boolean }>, rest: number) {
    this.#round = round;
    this.#rest = rest;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There may be something to do now: no need to wait for the next look. */
  wake(): void {
    this.#isWoken = true;
    this.#endRest();
  }

  /** Resolves when the round under way is over, or has taken `patience` milliseconds more. */
  async stop(patience: number): Promise<void> {
    this.#isStopping = true;
    this.wake();
    await Promise.race([this.#running, sleep(patience, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#isWoken = false;
      const { more } = await this.#round();
      if (!more) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#isWoken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#rest);
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
