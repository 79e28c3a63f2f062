const MAX_DEPTH = 32;
const MAX_NODES = 100_000;

/**
 * Whether a value has at most 32 levels and 100,000 values in it, the limits of the JSON reader: for values that came
 * another way. Uses no recursion.
 */
export function isWithinLimits(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  let nodes = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    nodes += level.length;
    if (depth > MAX_DEPTH || nodes > MAX_NODES) return false;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item as Record<string, unknown>) : [],
    );
  }
  return true;
}
