import { problem } from '../problem.ts';
import { readParameters } from './parameters.ts';
import { isMailAddress } from './patient-resource.ts';

const MOST_EVENTS = 1000;
const DEFAULT_EVENTS = 50;

/**
 * Reads the input of `Patient/$delete-account`: where a confirmation goes.
 *
 * @throws Problem `malformed` for its form; `invalid` for what is no mail address.
 */
export function readDeleteAccount(body: unknown): { readonly email?: string } {
  const [email] = readParameters({ email: { value: 'valueString' } } as const, body).email;
  if (email === undefined) return {};
  if (isMailAddress(email.value)) return { email: email.value };
  throw problem('invalid', 'email-invalid', 'This is no e-mail address.', `${email.expression}.valueString`);
}

/** A page of the citizen's own log. */
export interface AccessLogRequest {
  readonly count: number;
  /** To be read by `decodeCursor`; absent: the first page. */
  readonly cursor?: string;
}

/** Reads the input of `Patient/$access-log`. @throws Problem `malformed`. */
export function readAccessLog(body: unknown): AccessLogRequest {
  const given = readParameters({ _count: { value: 'valueInteger' }, _cursor: { value: 'valueString' } } as const, body);
  const [count, cursor] = [given._count[0], given._cursor[0]];
  return {
    count: count === undefined ? DEFAULT_EVENTS : readCount(count.value, `${count.expression}.valueInteger`),
    ...(cursor === undefined ? {} : { cursor: cursor.value }),
  };
}

/** The same from the query of a GET: https://hl7.org/fhir/R4/operations.html#request. @throws Problem `malformed`. */
export function readAccessLogQuery(query: readonly (readonly [name: string, value: string])[]): AccessLogRequest {
  const pairs = query.filter(([name]) => name !== '_format');
  return readAccessLog({
    resourceType: 'Parameters',
    parameter: pairs.map(([name, value]) =>
      name === '_count' ? { name, valueInteger: wholeNumber(value) } : { name, valueString: value },
    ),
  });
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function readCount(count: number, expression: string): number {
  if (count >= 1 && count <= MOST_EVENTS) return count;
  throw problem('malformed', 'value-malformed', `A page has 1 to ${MOST_EVENTS} events.`, expression);
}
