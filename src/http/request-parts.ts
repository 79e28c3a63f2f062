import { problem } from '../problem.ts';

/**
 * The segments of a path below `/fhir`, decoded once. Empty segments, dots and encoded separators are no address of ours,
 * so that every path has one reading.
 * @throws Problem not-found
 */
export function segmentsOf(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  if (trimmed === '') return [];
  return trimmed.split('/').map((segment) => {
    if (!/^[A-Za-z0-9$_.-]{1,64}$/.test(segment) || /^\.+$/.test(segment)) {
      throw problem('not-found', 'no-such-route', 'There is nothing at this address.');
    }
    return segment;
  });
}

/** The pairs of a query string, in order, repeated names kept. */
export function pairsOf(url: string): [string, string][] {
  const start = url.indexOf('?');
  return start < 0 ? [] : [...new URLSearchParams(url.slice(start + 1))];
}
