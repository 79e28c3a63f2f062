import type { NamedRequest } from '../consent/idempotent-desk.ts';
import type { EntryRequest } from '../fhir/bundle.ts';
import { problem } from '../problem.ts';
import type { FhirRequest } from './fhir-exchange.ts';

/** A string of a structured header (RFC 9651, section 3.3.3) of printable ASCII, or the same without its quotes. */
const KEY = /^(?:"((?:[ !#-[\]-~]|\\["\\]){1,255})"|([\w.~:+/=@-]{1,255}))$/;

/**
 * The name that the caller gave a POST in `Idempotency-Key`, with the address it came to.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.1
 * @returns nothing without the header
 * @throws Problem malformed (`idempotency-key-malformed`)
 */
export function namedRequest(request: FhirRequest): NamedRequest | undefined {
  const { method, segments, query, headers } = request;
  if (method !== 'POST' || headers.idempotencyKey === undefined) return undefined;
  const name = JSON.stringify([segments, readKey(headers.idempotencyKey)]);
  return { name, content: () => JSON.stringify([query, headers.ifNoneExist ?? null, request.json()]) };
}

/** An entry of a batch is named by its batch and its place. */
export function namedEntry(
  batch: NamedRequest,
  { index, method, segments, query, headers, body }: EntryRequest,
): NamedRequest {
  return {
    name: `${batch.name} ${index}`,
    content: () => JSON.stringify([method, segments, query, headers, body ?? null]),
  };
}

function readKey(header: string): string {
  const [, quoted, plain] = KEY.exec(header.trim()) ?? [];
  const key = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
  if (key !== undefined) return key;
  const text = 'An Idempotency-Key is a text of at most 255 printable characters of ASCII, in double quotes.';
  throw problem('malformed', 'idempotency-key-malformed', text);
}
