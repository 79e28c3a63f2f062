import type { Log } from '../log.ts';
import type { Problem } from '../problem.ts';

/** Logs what is our fault, with its stack. What is the caller's, or of nobody but that there is too much to do, is in the metrics. */
export function reportFault(log: Log, requestId: string, { kind, cause }: Problem): void {
  if (kind !== 'unavailable' || cause === undefined) return;
  log.error('request failed', { requestId, cause: cause instanceof Error ? (cause.stack ?? cause.name) : 'unknown' });
}
