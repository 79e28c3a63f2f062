import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import { isBsn } from './identifiers.ts';
import type { SearchPair } from './search-request.ts';

/** The address of a Bundle entry, below the base. */
export interface EntryAddress {
  readonly segments: readonly string[];
  readonly query: readonly SearchPair[];
}

const LONGEST = 4000;
const SEGMENT = /^[A-Za-z0-9$_.-]{1,64}$/;
const DOTS = /^\.+$/;

/**
 * Reads `entry.request.url`: a path below the base and a query, in exactly one spelling. Absolute addresses, dots, empty
 * segments, fragments and anything encoded in the path are refused (rule 14).
 *
 * @throws Problem `malformed`
 */
export function readEntryUrl(url: string, expression: string): EntryAddress {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const segments = path.split('/');
  const areNames = segments.every((segment) => SEGMENT.test(segment) && !DOTS.test(segment));
  if (!areNames || url.length > LONGEST || url.includes('#')) throw malformed(expression);
  if (segments.some((segment) => isBsn(segment))) {
    throw problem('malformed', 'bsn-in-url', 'A BSN never stands in a URL.', expression);
  }
  return { segments, query: mark < 0 ? [] : readQuery(url.slice(mark + 1), expression) };
}

/** The pairs of a query string in order. @throws Problem `malformed` for an escape that stands for no character. */
function readQuery(query: string, expression: string): readonly SearchPair[] {
  try {
    decodeURIComponent(query);
  } catch (cause) {
    throw malformed(expression, cause);
  }
  return [...new URLSearchParams(query)];
}

function malformed(expression: string, cause?: unknown): Problem {
  return problem('malformed', 'url-malformed', 'The url is not a path below the base.', expression, cause);
}
