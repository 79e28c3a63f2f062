import { readDateRange } from './date-range.ts';

const DATE = '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?';
const MOMENT = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})';

/** The FHIR types that hold a date and how each is written: https://hl7.org/fhir/R4/datatypes.html#primitive */
const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ['date', new RegExp(`^${DATE}$`)],
  ['dateTime', new RegExp(`^(${DATE}|${MOMENT})$`)],
  ['instant', new RegExp(`^${MOMENT}$`)],
]);

/**
 * Whether a text is a date of the given FHIR type that exists on the calendar and the clock: not 30 February, not the
 * year 0000, not 24:00, no zone beyond 14 hours, and no leap second, which no clock here has. True for other types.
 */
export function isRealDate(type: string, text: string): boolean {
  const pattern = PATTERNS.get(type);
  return pattern === undefined || (pattern.test(text) && readDateRange(text) !== undefined);
}

/** Whether a period ends before it starts. Dates that cannot be read are another rule's affair: false. */
export function isReversed(start: string, end: string): boolean {
  const [first, last] = [readDateRange(start), readDateRange(end)];
  return first !== undefined && last !== undefined && last.to <= first.from;
}
