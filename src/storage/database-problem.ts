import { isNativeError } from 'node:util/types';
import pg from 'pg';
import { Problem, problem } from '../problem.ts';

// https://www.postgresql.org/docs/18/errcodes-appendix.html
const CONFLICT_STATES = new Set(['23505', '23P01']);
// A character no text column can hold (U+0000).
const UNSTORABLE_STATES = new Set(['22021', '22P05']);
const UNAVAILABLE_STATES = new Set([
  '25006', // read only: a standby that is not the primary yet
  '25P03', // idle in transaction for too long
  '25P04', // transaction took too long
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available in time
  '57014', // statement took too long
]);
/** Connection, authorisation, transaction lost, resources, operator, system. */
const UNAVAILABLE_CLASSES = new Set(['08', '28', '53', '58', 'XX']);
const OPERATOR_STATE = /^57P0/;

const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What pg says without a code; see pg/lib/client.js and pg-pool/index.js. */
const LOST_TEXT =
  /^(Connection terminated|timeout (exceeded|expired)|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|The server closed)/;

function isUnavailableState(state: string): boolean {
  return UNAVAILABLE_STATES.has(state) || OPERATOR_STATE.test(state) || UNAVAILABLE_CLASSES.has(state.slice(0, 2));
}

function isLostConnection(error: Error): boolean {
  return LOST_CODES.has((error as NodeJS.ErrnoException).code ?? '') || LOST_TEXT.test(error.message);
}

/** What may be logged of a database error: its message and detail can hold values, so neither stays. */
function withoutValues(error: pg.DatabaseError): Error {
  const plain = new Error(
    `database error ${error.code ?? ''} (${error.constraint ?? error.table ?? error.routine ?? ''})`,
  );
  if (error.stack !== undefined) plain.stack = plain.message + error.stack.slice(error.stack.indexOf('\n    at '));
  return plain;
}

type Meaning = (cause: unknown) => Problem;

const conflict: Meaning = (cause) =>
  problem('conflict', 'already-exists', 'Something with the same key exists already.', undefined, cause);

const unstorable: Meaning = (cause) =>
  problem('malformed', 'unstorable-character', 'A text holds a character that is not allowed.', undefined, cause);

const unavailable: Meaning = (cause) =>
  problem('unavailable', 'database-unavailable', 'The register cannot be reached now.', undefined, cause);

function meaningOf(state: string): Meaning | undefined {
  if (CONFLICT_STATES.has(state)) return conflict;
  if (UNSTORABLE_STATES.has(state)) return unstorable;
  return isUnavailableState(state) ? unavailable : undefined;
}

/**
 * Turns what pg throws into what the rest of the program may see: a Problem `conflict` (something with the same key
 * exists), `malformed` (a character that cannot be stored) or `unavailable` (lost connection, time-out, deadlock; nothing
 * is stored, except that after a commit without answer nobody can tell), else an Error that names the state and the
 * constraint but no value.
 */
export function toProblem(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    const cause = withoutValues(error);
    const meaning = meaningOf(error.code ?? '');
    return meaning === undefined ? cause : meaning(cause);
  }
  return isNativeError(error) && isLostConnection(error) ? unavailable(error) : error;
}

/**
 * The Problem in which any error ends: the one it is or stands for, else `unavailable` with code `unexpected`.
 * With `kind`, a Problem of another kind becomes `unavailable` too.
 */
export function asProblem(error: unknown, kind?: 'unavailable'): Problem {
  const known = toProblem(error);
  if (known instanceof Problem && (kind === undefined || known.kind === kind)) return known;
  return problem('unavailable', 'unexpected', 'The request cannot be answered now.', undefined, known);
}
