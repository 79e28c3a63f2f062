import { type Problem, problem } from '../problem.ts';

/** Where a page ends. Its meaning belongs to the search that made it. */
export type Cursor = readonly (string | number)[];

const TEXT = /^[A-Za-z0-9_-]{1,2000}$/;
const LONGEST = 8;

/** The cursor as it stands in a page link: nothing a caller can rely on. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor), 'utf8').toString('base64url');
}

/** @throws Problem `malformed`, `invalid-cursor` for what is not exactly a text that `encodeCursor` makes. */
export function decodeCursor(text: string): Cursor {
  if (!TEXT.test(text)) throw invalidCursor();
  const cursor = parse(Buffer.from(text, 'base64url').toString('utf8'));
  if (!isCursor(cursor) || encodeCursor(cursor) !== text) throw invalidCursor();
  return cursor;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw invalidCursor(cause);
  }
}

function isCursor(value: unknown): value is Cursor {
  if (!Array.isArray(value) || value.length > LONGEST) return false;
  return value.every((part) => typeof part === 'string' || Number.isFinite(part));
}

/** The problem with a page link that was not made here. */
export function invalidCursor(cause?: unknown): Problem {
  const text = 'The page link cannot be read: start again at the first page.';
  return problem('malformed', 'invalid-cursor', text, undefined, cause);
}
