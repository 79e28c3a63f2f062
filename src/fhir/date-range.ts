import type { Instant } from '../decision/question.ts';

/** The time a FHIR date stands for, at its own precision: from `from` up to but not including `to`, in milliseconds. */
export interface DateRange {
  readonly from: Instant;
  readonly to: Instant;
}

const DATE_TIME =
  /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$/;
const MINUTE = 60_000;
const SECOND = 1000;
const LARGEST_OFFSET = 14 * 60;
/** The years 0001 to 9999 of UTC, half open: what a zone moves beyond them has no date that could be written. */
const BEGINNING = utc([1]);
const END = utc([10_000]);

/**
 * Reads a date, dateTime or instant at any precision FHIR knows; undefined for what is none or does not exist (30
 * February, 24:00, year 0000), and for a time that lies outside the years 0001 to 9999 in UTC. Without a zone the time is UTC. Source: https://hl7.org/fhir/R4/search.html#date
 */
export function readDateRange(text: string): DateRange | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null || match[1] === '0000') return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const offset = readOffset(zone);
  if (offset === undefined || !exists(match)) return undefined;
  const parts = [year, month ?? 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0].map(Number);
  const from = utc(parts) - offset * MINUTE + milliseconds(fraction);
  const to = endOf(from, parts, match);
  return from < BEGINNING || to > END ? undefined : { from, to };
}

/** Reads an instant: seconds and zone must be there. Digits beyond milliseconds are dropped. */
export function readInstant(text: string): Instant | undefined {
  return INSTANT.test(text) ? readDateRange(text)?.from : undefined;
}

/** Minutes east of Greenwich; undefined beyond 14:00, the largest FHIR allows. */
function readOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(4));
  const total = Number(zone.slice(1, 3)) * 60 + minutes;
  if (minutes > 59 || total > LARGEST_OFFSET) return undefined;
  return zone.startsWith('-') ? -total : total;
}

function exists([
  ,
  year,
  month = '01',
  day = '01',
  hour = '00',
  minute = '00',
  second = '00',
]: RegExpExecArray): boolean {
  const date = new Date(utc([Number(year), Number(month), Number(day), 0, 0, 0]));
  const isReal = date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
  return isReal && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

/** Where the time ends that begins at `from`: by the smallest part that is given. */
function endOf(from: Instant, [year = 0, month = 1, day = 1]: readonly number[], given: RegExpExecArray): Instant {
  const [, , hasMonth, hasDay, , minute, second, fraction] = given;
  if (fraction !== undefined) return from + 1;
  if (second !== undefined) return from + SECOND;
  if (minute !== undefined) return from + MINUTE;
  if (hasDay !== undefined) return utc([year, month, day + 1]);
  return hasMonth === undefined ? utc([year + 1]) : utc([year, month + 1]);
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999; this does not. */
function utc([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: readonly number[]): Instant {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, 0);
}

function milliseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
}
