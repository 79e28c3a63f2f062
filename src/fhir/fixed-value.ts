/** Whether two JSON values are the same, whatever the order of their keys. FHIR's `fixed[x]`. */
export function equals(value: unknown, expected: unknown): boolean {
  return compare(value, expected, equals, true);
}

/**
 * Whether a JSON value holds everything a pattern holds: each list item of the pattern is found somewhere in the list.
 * FHIR's `pattern[x]`: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
 */
export function includes(value: unknown, pattern: unknown): boolean {
  return compare(value, pattern, includes, false);
}

type Comparison = (value: unknown, expected: unknown) => boolean;

function compare(value: unknown, expected: unknown, inner: Comparison, whole: boolean): boolean {
  if (Array.isArray(expected)) return Array.isArray(value) && compareLists(value, expected, inner, whole);
  if (!isObject(expected)) return value === expected;
  if (!isObject(value) || Array.isArray(value)) return false;
  const keys = Object.keys(expected);
  if (whole && Object.keys(value).length !== keys.length) return false;
  return keys.every((key) => Object.hasOwn(value, key) && inner(value[key], expected[key]));
}

function compareLists(
  value: readonly unknown[],
  expected: readonly unknown[],
  inner: Comparison,
  whole: boolean,
): boolean {
  if (!whole) return expected.every((item) => value.some((candidate) => inner(candidate, item)));
  return value.length === expected.length && expected.every((item, index) => inner(value[index], item));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
