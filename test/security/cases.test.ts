import { readFileSync } from 'node:fs';
import { testExists } from './named-proof.ts';

/** Cases of the list. The others are about what has not been built, or have tests that are a command of their own. */
const CASES = [...range(1, 8), ...range(10, 50), ...range(52, 56), ...range(58, 60)];

/** Cases whose tests have still to be written; to be empty. */
const WITHOUT_TESTS: readonly number[] = [36];

interface Row {
  readonly number: number;
  readonly tests: readonly string[];
}

const ROWS = rowsOf(readFileSync(new URL('cases.md', import.meta.url), 'utf8'));

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function rowsOf(table: string): Row[] {
  const lines = table.split('\n').filter((line) => /^\| \d/.test(line));
  return lines.map((line) => {
    const [number = '', , tests = ''] = line.slice(2, -2).split(' | ');
    return { number: Number(number), tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name) };
  });
}

describe('the table of hostile cases', () => {
  it('has one row for each case, in order', () => {
    expect(ROWS.map(({ number }) => number)).toEqual(CASES);
  });

  it.each(ROWS)('names tests of case $number that exist', ({ number, tests }) => {
    expect(tests.filter((name) => !testExists(`test/${name}`))).toEqual([]);
    expect(tests.length === 0).toBe(WITHOUT_TESTS.includes(number));
  });

  it('would notice a test that is gone, or has another title', () => {
    expect(testExists('test/security/cases.test.ts › has one row for each case, in order')).toBe(true);
    expect(testExists('test/security/cases.test.ts › has one row for each')).toBe(false);
    expect(testExists('test/security/no-such-file.test.ts › has one row for each case, in order')).toBe(false);
  });
});
