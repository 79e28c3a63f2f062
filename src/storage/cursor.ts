import { problem } from '../problem.ts';

/** Where a page ends: what its last row is sorted by. Plain JSON; callers hand it on unseen. */
export type Cursor = readonly (string | number)[];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// The first and last day PostgreSQL and ISO 8601 write alike; nothing is recorded outside them.
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T00:00:00Z');

/** Cursors come back from outside, so each value is looked at before it is used. */
function unreadable(): Error {
  return problem('malformed', 'invalid-cursor', 'The page link cannot be read: start again at the first page.');
}

/** @throws Problem malformed unless the cursor has as many values as the order has keys */
export function checkLength(cursor: unknown, length: number): void {
  if (!Array.isArray(cursor) || cursor.length !== length) throw unreadable();
}

/** @throws Problem malformed */
export function readText(value: unknown): string {
  if (typeof value !== 'string' || value.includes('\0')) throw unreadable();
  return value;
}

/** @throws Problem malformed */
export function readUuid(value: unknown): string {
  if (typeof value !== 'string' || !UUID.test(value)) throw unreadable();
  return value;
}

/** @throws Problem malformed */
export function readNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unreadable();
  return value;
}

/** @throws Problem malformed */
export function readInteger(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 2 ** 31 - 1) throw unreadable();
  return value;
}

/** @throws Problem malformed */
export function readInstant(value: unknown): number {
  const instant = readNumber(value);
  if (!Number.isInteger(instant) || instant !== withinTime(instant)) throw unreadable();
  return instant;
}

/** The instant, or the end of time it lies beyond. */
export function withinTime(instant: number): number {
  return Math.min(LATEST, Math.max(EARLIEST, instant));
}
