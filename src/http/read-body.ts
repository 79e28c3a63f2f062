import { promisify } from 'node:util';
import express, { type Request, type Response } from 'express';
import { parseStrictJson } from '../fhir/strict-json.ts';
import { problem } from '../problem.ts';

/** Largest body that is read, in bytes. */
const LIMIT = 1024 * 1024;
const JSON_TYPES = new Set(['application/fhir+json', 'application/json', 'text/json']);
const PATCH_TYPE = 'application/json-patch+json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const NDJSON_TYPES = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson']);
/** How long a body may take to arrive, in milliseconds; one that is streamed may take longer. */
const ARRIVAL = 300_000;

type ReadBody = (request: Request, response: Response, done: (error?: Error | null) => void) => void;

const readRaw = promisify<Request, Response>(express.raw({ type: () => true, limit: LIMIT }) as ReadBody);

/** Whether the body is one that may have any length, and is read as it arrives. @throws Problem media-type for a charset */
export function isStreamed(request: Request): boolean {
  const header = request.get('content-type') ?? '';
  return NDJSON_TYPES.has(header.split(';', 1)[0]?.trim().toLowerCase() ?? '') && NDJSON_TYPES.has(mediaType(header));
}

/**
 * Reads the body as bytes, whatever its type; what it must be is decided by the interaction.
 * @throws Problem too-large, media-type or malformed
 */
export async function readBytes(request: Request, response: Response): Promise<void> {
  const deadline = setTimeout(() => request.destroy(), ARRIVAL);
  try {
    await readRaw(request, response);
  } catch (cause) {
    const { status } = cause as { status?: number };
    if (status === 413) throw problem('too-large', 'body-too-large', 'The body is larger than 1 MB.', undefined, cause);
    if (status === 415)
      throw problem('media-type', 'encoding-unsupported', 'This content encoding is not read.', undefined, cause);
    throw problem('malformed', 'body-unreadable', 'The body cannot be read.', undefined, cause);
  } finally {
    clearTimeout(deadline);
  }
}

/** The parsed JSON body of an interaction that takes a resource (or a patch). */
export function readJsonBody(request: Request, isPatch: boolean): unknown {
  const type = mediaType(request.get('content-type'));
  if (isPatch ? type !== PATCH_TYPE : !JSON_TYPES.has(type)) {
    const expected = isPatch ? PATCH_TYPE : 'application/fhir+json';
    throw problem('media-type', 'media-type-unsupported', `The body must be ${expected}.`);
  }
  return parseStrictJson(readText(request));
}

/** The pairs of a `_search` form, in order. */
export function readForm(request: Request): [string, string][] {
  const text = readText(request);
  if (text === '' && !isStreamed(request)) return [];
  if (mediaType(request.get('content-type')) !== FORM_TYPE) {
    throw problem('media-type', 'media-type-unsupported', `The body of a search must be ${FORM_TYPE}.`);
  }
  return [...new URLSearchParams(text)];
}

/** Media type without parameters, lower case; empty when there is none. A charset other than UTF-8 is refused. */
function mediaType(header: string | undefined): string {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw problem('media-type', 'charset-unsupported', 'Only UTF-8 is read.');
  }
  return type;
}

function readText(request: Request): string {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes)) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw problem('malformed', 'not-utf-8', 'The body is not valid UTF-8.', undefined, cause);
  }
}
