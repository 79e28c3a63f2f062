/** How long delivery waits, all in milliseconds. */
export interface DeliveryLimits {
  /** For one answer, its body included. */
  readonly timeout: number;
  /** After the first try in vain; every further one waits twice as long as the one before. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** From when an event could first be delivered until it is given up. */
  readonly expiry: number;
}

/** How long to wait before the next try: half of it is chance, so that those who failed together do not come back together. */
export function waitAfter({ firstWait, longestWait }: DeliveryLimits, attempts: number): number {
  const wait = Math.min(firstWait * 2 ** Math.min(attempts, 40), longestWait);
  return wait / 2 + Math.random() * (wait / 2);
}
