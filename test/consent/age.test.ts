import { readFileSync } from 'node:fs';
import { ageGroupOf, choicesWait, isBornInFuture, isUnderSixteen } from '../../src/consent/age.ts';

interface Row {
  /** FHIR date. */
  readonly born: string;
  /** A moment; of two rows the last millisecond before midnight in Amsterdam and midnight itself. */
  readonly at: string;
  readonly is: string;
  readonly why: string;
}

const rows = JSON.parse(readFileSync(new URL('ages.json', import.meta.url), 'utf8')) as Row[];
const cases = rows.map((row): [string, string, string, string] => [row.born, row.at, row.is, row.why]);
const CHILDREN = ['under-12', '12-15'];

describe('an age', () => {
  it.each(cases)('of somebody born %s is at %s: %s (%s)', (born, at, is) => {
    const now = Date.parse(at);
    expect(ageGroupOf(born, now)).toBe(is);
    expect(isUnderSixteen(born, now)).toBe(CHILDREN.includes(is));
    expect(choicesWait({ birthDate: born, ageGroup: '18-or-older' }, now)).toBe(CHILDREN.includes(is));
    expect(isBornInFuture(born, now)).toBe(false);
  });

  it('has at least sixty cases around 12 and 16, each on both sides of its moment', () => {
    const around = rows.filter(({ is }) => is !== '18-or-older');
    expect(around.length).toBeGreaterThanOrEqual(60);
    for (const group of ['under-12', '12-15', '16-17']) expect(rows.some(({ is }) => is === group)).toBe(true);
  });

  it.each([
    ['under-12', true],
    ['12-15', true],
    ['16-17', false],
    ['18-or-older', false],
    [undefined, false],
  ])('that only the citizen says (%s) makes choices wait: %s', (ageGroup, waits) => {
    expect(choicesWait(ageGroup === undefined ? {} : { ageGroup }, 0)).toBe(waits);
  });
});
