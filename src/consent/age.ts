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
  if (birthDate === undefined) return false;
  const [year = '', month = '12', day = '31'] = birthDate.split('-');
  const sixteenth = `${Number(year) + AGE_OF_CHOICE}-${month}-${day}`;
  return AMSTERDAM.format(now) < sixteenth;
}
