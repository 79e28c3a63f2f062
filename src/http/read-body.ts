import type { Transform } from 'node:stream';
import { parseStrictJson } from '../fhir/strict-json.ts';
import { Problem, problem } from '../problem.ts';
import { collectBody, tooLarge } from './collect-body.ts';
import { type Arrived, headerOf } from './step.ts';
import { connect, decoderOf, throwAwayRest } from './stream-body.ts';

/** Largest body that is read, in bytes. */
const LIMIT = 1024 * 1024;
/** Largest form that anybody may send, in bytes. */
export const LONGEST_FORM = 64 * 1024;
const JSON_TYPES = new Set(['application/fhir+json', 'application/json', 'text/json']);
const PATCH_TYPE = 'application/json-patch+json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const NDJSON_TYPES = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson']);

/** Whether the body is one that may have any length, and is read as it arrives. @throws Problem media-type for a charset */
export function isStreamed(request: Arrived): boolean {
  const header = headerOf(request, 'content-type') ?? '';
  return NDJSON_TYPES.has(header.split(';', 1)[0]?.trim().toLowerCase() ?? '') && NDJSON_TYPES.has(mediaType(header));
}

/**
 * Reads the body as bytes, whatever its type; what it must be is decided by the interaction. What is left of a body that is
 * refused is thrown away, so that its sender can hear why.
 * @param arrival how long it may take to arrive, in milliseconds
 * @param size how large it may be, in bytes
 * @throws Problem too-large, too-slow, media-type or malformed
 */
export async function readBytes(request: Arrived, arrival: number, size = LIMIT): Promise<void> {
  if (!hasBody(request)) return;
  let decoder: Transform | undefined;
  try {
    decoder = decoderOf(headerOf(request, 'content-encoding'));
    if (request.destroyed) throw new Error('the body broke off');
    if (Number(headerOf(request, 'content-length')) > size) throw tooLarge();
    const stream = decoder === undefined ? request : connect(request, decoder);
    request.body = await collectBody(stream, { size, arrival });
  } catch (cause) {
    throwAwayRest(request);
    if (cause instanceof Problem) throw cause;
    throw problem('malformed', 'body-unreadable', 'The body cannot be read.', undefined, cause);
  } finally {
    // What it holds lies outside the heap, where nobody looks for it soon.
    decoder?.destroy();
  }
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6 */
export function hasBody({ headers }: Arrived): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** The parsed JSON body of an interaction that takes a resource (or a patch). */
export function readJsonBody(request: Arrived, isPatch: boolean): unknown {
  const type = mediaType(headerOf(request, 'content-type'));
  if (isPatch ? type !== PATCH_TYPE : !JSON_TYPES.has(type)) {
    const expected = isPatch ? PATCH_TYPE : 'application/fhir+json';
    throw problem('media-type', 'media-type-unsupported', `The body must be ${expected}.`);
  }
  return parseStrictJson(readText(request));
}

/** The pairs of a `_search` form, in order. */
export function readForm(request: Arrived): [string, string][] {
  const text = readText(request);
  if (text === '' && !isStreamed(request)) return [];
  if (mediaType(headerOf(request, 'content-type')) !== FORM_TYPE) {
    throw problem('media-type', 'media-type-unsupported', `The body of a search must be ${FORM_TYPE}.`);
  }
  return [...new URLSearchParams(text)];
}

/** Media type without parameters, lower case; empty when there is none. A charset other than UTF-8 is refused. */
function mediaType(header: string | undefined): string {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset'));
  if (!charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset))) {
    throw problem('media-type', 'charset-unsupported', 'Only UTF-8 is read.');
  }
  return type;
}

function readText(request: Arrived): string {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes)) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw problem('malformed', 'not-utf-8', 'The body is not valid UTF-8.', undefined, cause);
  }
}
