import { setTimeout as sleep } from 'node:timers/promises';

/** Work that goes on until it is told to stop. */
export interface Repeated {
  /** Resolves when the round under way is over, or has taken longer than `patience` milliseconds more. */
  stop(patience: number): Promise<void>;
}

/**
 * Does `round` again and again, and rests after one that had nothing (more) to do. A round must not throw.
 * @param rest milliseconds between two looks
 */
export function repeat(round: () => Promise<{ readonly more: boolean }>, rest: number): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (time: number, more = {}) => sleep(time, undefined, more).catch(() => undefined);
  const running = (async () => {
    while (!signal.aborted) {
      const { more } = await round();
      if (!more) await pause(rest, { signal });
    }
  })();
  return {
    async stop(patience) {
      stopping.abort();
      await Promise.race([running, pause(patience, { ref: false })]);
    },
  };
}
