/** Levels of lists and objects that a body may have. A transaction of Consents has fourteen. */
export const MAX_DEPTH = 32;
/** Values, lists and objects included, that a body may hold. A megabyte of Consents has some twenty thousand. */
export const MAX_VALUES = 100_000;

/** Whether a value keeps the limits of the JSON reader: for values that came another way. Uses no recursion. */
export function isWithinLimits(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    values += level.length;
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item as Record<string, unknown>) : [],
    );
  }
  return true;
}
