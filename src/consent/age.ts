import type { AgeGroup } from '../fhir/settings-parameters.ts';
import { problem } from '../problem.ts';

/** Age from which a choice counts at once. Dutch law: WGBO, article 7:447 BW. */
const AGE_OF_CHOICE = 16;

/** The ages at which something changes: who manages the account, whose choices count at once, who may confirm a child's. */
const AGE_GROUPS: readonly { readonly group: AgeGroup; readonly from: number }[] = [
  { group: '18-or-older', from: 18 },
  { group: '16-17', from: AGE_OF_CHOICE },
  { group: '12-15', from: 12 },
];

/** What is known of somebody's age: a birth date counts before what they say of themselves. */
export interface KnownAge {
  /** FHIR date: `2012`, `2012-03` or `2012-03-07`. */
  readonly birthDate?: string;
  readonly ageGroup?: string;
}

const AMSTERDAM = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Amsterdam', dateStyle: 'short' });

/**
 * Whether the citizen is under 16 at this moment, by the calendar of Amsterdam. An incomplete birth date counts as its
 * latest day, which is the safe reading; nobody's birth date is known until someone says it, so without one a citizen is
 * taken at their word (an adult).
 * @param birthDate FHIR date: `2012`, `2012-03` or `2012-03-07`
 */
export function isUnderSixteen(birthDate: string | undefined, now: number): boolean {
  return birthDate !== undefined && today(now) < latestDay(birthDate) + AGE_OF_CHOICE * YEAR;
}

/**
 * The age group at this moment, by the calendar of Amsterdam; an incomplete birth date counts as its latest day.
 * @param birthDate FHIR date: `2012`, `2012-03` or `2012-03-07`
 */
export function ageGroupOf(birthDate: string, now: number): AgeGroup {
  const reached = (age: number): boolean => today(now) >= latestDay(birthDate) + age * YEAR;
  return AGE_GROUPS.find(({ from }) => reached(from))?.group ?? 'under-12';
}

/** Whether choices wait for a parent: by the birth date, without one by what the citizen said. */
export function choicesWait({ birthDate, ageGroup }: KnownAge, now: number): boolean {
  if (birthDate !== undefined) return isUnderSixteen(birthDate, now);
  return ageGroup === 'under-12' || ageGroup === '12-15';
}

/** Whether the day of birth has yet to come, whatever the missing parts of the date are. */
export function isBornInFuture(birthDate: string, now: number): boolean {
  const [year = '', month = '01', day = '01'] = birthDate.split('-');
  return dayNumber(year, month, day) > today(now);
}

/** @throws Problem invalid for a birth date in the future. @param expression where it stands */
export function requireBorn(birthDate: string, now: number, expression: string): void {
  if (!isBornInFuture(birthDate, now)) return;
  throw problem('invalid', 'birth-date-in-future', 'The birth date lies in the future.', expression);
}

/** Of several birth dates the one by which somebody is youngest; of those that end on one day the most complete. */
export function youngest(birthDates: readonly string[]): string | undefined {
  return [...birthDates].sort((one, other) => latestDay(other) - latestDay(one) || other.length - one.length)[0];
}

/** Days are compared as numbers, 7 March 2012 as 20120307: a year on is always 10,000 more, also after year 9999. */
const YEAR = 10_000;

function latestDay(birthDate: string): number {
  const [year = '', month = '12', day = lastDay(year, month)] = birthDate.split('-');
  return dayNumber(year, month, day);
}

function lastDay(year: string, month: string): string {
  return String(new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate());
}

function today(now: number): number {
  const [year = '', month = '', day = ''] = AMSTERDAM.format(now).split('-');
  return dayNumber(year, month, day);
}

function dayNumber(year: string, month: string, day: string): number {
  return Number(year) * YEAR + Number(month) * 100 + Number(day);
}
