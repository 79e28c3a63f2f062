/** A JSON object whose members have not been looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object. Throws an Error that names `what`. */
export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is not an object.`);
  return value as JsonObject;
}

/** The objects in member `key`; an absent member is an empty list. */
export function objects(from: JsonObject, key: string, what: string): readonly JsonObject[] {
  const value = from[key] ?? [];
  if (!Array.isArray(value)) throw new Error(`${what}: ${key} is not a list.`);
  return value.map((item: unknown) => asObject(item, `${what}: an item of ${key}`));
}

/** The non-empty string in member `key`. */
export function text(from: JsonObject, key: string, what: string): string {
  const value = from[key];
  if (typeof value !== 'string' || value === '') throw new Error(`${what} has no ${key}.`);
  return value;
}
