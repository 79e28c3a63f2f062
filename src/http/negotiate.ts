import { isJsonFormat } from '../fhir/json-format.ts';
import { problem } from '../problem.ts';

const OFFERED = ['application/fhir+json', 'application/json', 'application/*', '*/*', 'text/json', 'text/*'];

/**
 * Answers are JSON: refuses a caller who accepts only something else. `_format` beats the header.
 * https://hl7.org/fhir/R4/http.html#mime-type
 * @throws Problem not-acceptable
 */
export function requireJsonAccepted(accept: string | undefined, format: string | undefined): void {
  if (format !== undefined ? isJsonFormat(format) : acceptsJson(accept)) return;
  throw problem('not-acceptable', 'json-only', 'Only application/fhir+json is answered.');
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return OFFERED.includes(type) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
