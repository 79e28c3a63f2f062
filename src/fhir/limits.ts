/** Levels of lists and objects that a body may have. A transaction of Consents has fourteen. */
export const MAX_DEPTH = 32;
/** Values, lists and objects included, that a body may hold. A megabyte of Consents has some twenty thousand. */
export const MAX_VALUES = 100_000;

/** Values that one resource may hold. A Consent with its most requester places has some 1,200. */
export const MAX_RESOURCE_VALUES = 2000;
/** What a value counts for beside its text, in characters: so many values as of that size make a full body at most. */
const VALUE_SIZE = 50;

/** Whether a value keeps the limits of the JSON reader, or a stricter one of values. Uses no recursion. */
export function isWithinLimits(value: unknown, maxValues: number = MAX_VALUES): boolean {
  let level: readonly unknown[] = [value];
  let values = 1;
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      const inner = Object.values(item as Record<string, unknown>);
      if (values + next.length + inner.length > maxValues) return false;
      for (const one of inner) next.push(one);
    }
    if (depth > MAX_DEPTH) return false;
    values += next.length;
    level = next;
  }
  return true;
}

/**
 * How much a value holds: 50 for each value in it and 1 for each character of its texts and names. Counts no further than
 * just beyond `most`, and uses no recursion.
 */
export function sizeWithin(value: unknown, most: number): number {
  const waiting: unknown[] = [value];
  let size = 0;
  while (waiting.length > 0 && size <= most) {
    const item = waiting.pop();
    size += VALUE_SIZE + (typeof item === 'string' ? item.length : 0);
    if (typeof item !== 'object' || item === null) continue;
    for (const [name, inner] of Object.entries(item)) {
      size += name.length;
      waiting.push(inner);
    }
  }
  return size;
}
