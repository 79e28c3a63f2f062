/** Age from which a choice counts at once. Dutch law: WGBO, article 7:447 BW. */
const AGE_OF_CHOICE = 16;

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

/** Whether the day of birth has yet to come, whatever the missing parts of the date are. */
export function isBornInFuture(birthDate: string, now: number): boolean {
  const [year = '', month = '01', day = '01'] = birthDate.split('-');
  return dayNumber(year, month, day) > today(now);
}

/** Days are compared as numbers, 7 March 2012 as 20120307: a year on is always 10,000 more, also after year 9999. */
const YEAR = 10_000;

function latestDay(birthDate: string): number {
  const [year = '', month = '12', day = '31'] = birthDate.split('-');
  return dayNumber(year, month, day);
}

function today(now: number): number {
  const [year = '', month = '', day = ''] = AMSTERDAM.format(now).split('-');
  return dayNumber(year, month, day);
}

function dayNumber(year: string, month: string, day: string): number {
  return Number(year) * YEAR + Number(month) * 100 + Number(day);
}
