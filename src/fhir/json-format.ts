const FORMATS = new Set(['json', 'application/json', 'application/fhir+json', 'text/json']);

/**
 * Whether a `_format` asks for JSON. A plus that a form decoder took for a space, as happens when a client does not escape
 * it, is understood. https://hl7.org/fhir/R4/http.html#mime-type
 */
export function isJsonFormat(format: string): boolean {
  return FORMATS.has(format.replace(' ', '+'));
}
