import { problem } from '../problem.ts';
import type { Arrived } from './step.ts';

/** Most headers of a request; beyond some thousands the parser would drop the rest without a word. */
const MOST_HEADERS = 100;

/** Headers that say who asks for what. Of two, a proxy could believe the one and we the other. */
const ONCE: ReadonlySet<string> = new Set([
  'authorization',
  'client-cert',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'dpop',
  'host',
  'idempotency-key',
  'if-match',
  'if-none-exist',
  'if-none-match',
  'transfer-encoding',
]);

/**
 * Refuses a request that somebody on the way could have read in another way than we do: a header that counts given twice,
 * more headers than anyone sends, an address that is no plain path, a body in a coding that is not taken off. What is
 * ambiguous in its framing does not get this far: the parser is strict. https://www.rfc-editor.org/rfc/rfc9112#section-11
 * @throws Problem malformed or not-found
 */
export function requireOneReading({ originalUrl, url = '', rawHeaders, headers }: Arrived): void {
  const address = originalUrl ?? url;
  if (!address.startsWith('/') || address.includes('#')) {
    throw problem('not-found', 'no-such-route', 'There is nothing at this address.');
  }
  if (rawHeaders.length > 2 * MOST_HEADERS) {
    throw problem('malformed', 'headers-too-many', 'There are too many headers.');
  }
  if (isRepeated(rawHeaders)) {
    throw problem('malformed', 'header-repeated', 'A header that may be given once is given twice.');
  }
  if ((headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') {
    throw problem('malformed', 'transfer-encoding-unknown', 'The only transfer encoding is chunked.');
  }
}

function isRepeated(rawHeaders: readonly string[]): boolean {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
