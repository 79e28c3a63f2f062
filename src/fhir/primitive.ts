/** JSON type of each FHIR primitive: https://hl7.org/fhir/R4/datatypes.html#primitive */
const JSON_TYPES: ReadonlyMap<string, 'string' | 'number' | 'boolean'> = new Map<
  string,
  'string' | 'number' | 'boolean'
>([
  ['base64Binary', 'string'],
  ['boolean', 'boolean'],
  ['canonical', 'string'],
  ['code', 'string'],
  ['date', 'string'],
  ['dateTime', 'string'],
  ['decimal', 'number'],
  ['id', 'string'],
  ['instant', 'string'],
  ['integer', 'number'],
  ['markdown', 'string'],
  ['oid', 'string'],
  ['positiveInt', 'number'],
  ['string', 'string'],
  ['time', 'string'],
  ['unsignedInt', 'number'],
  ['uri', 'string'],
  ['url', 'string'],
  ['uuid', 'string'],
  ['xhtml', 'string'],
]);

/** Whether a FHIR type is written as one JSON string, number or boolean. */
export function isPrimitive(type: string): boolean {
  return JSON_TYPES.has(type);
}

/** Whether a JSON value is of the kind that a primitive FHIR type is written as. */
export function hasJsonType(type: string, value: unknown): boolean {
  return typeof value === JSON_TYPES.get(type);
}
