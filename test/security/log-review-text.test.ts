import type { Review, ReviewLine } from '../../src/audit/review.ts';
import { REVIEW_FORMATS } from '../../src/audit/review-text.ts';

const THRESHOLDS = {
  oddChecks: 1,
  oddFrom: 22,
  oddTo: 6,
  citizens: 50,
  burst: 20,
  burstMinutes: 10,
  lockAttempts: 1,
  codes: 5,
};

const LINE: ReviewLine = {
  topic: 'odd-hours',
  organisation: '00000659',
  first: '2024-01-01T23:00:00.000Z',
  last: '2024-01-01T23:30:00.000Z',
  count: 2,
  citizens: 1,
  flagged: 0,
  event: 'AuditEvent/0190',
};

/** A review with one line, of which the organisation is what somebody put there. */
function reviewOf(organisation: string): Review {
  return { from: '2024-01-01', to: '2024-01-02', thresholds: THRESHOLDS, lines: [{ ...LINE, organisation }] };
}

describe('a review for a spreadsheet', () => {
  it.each([
    ['=cmd()', `'=cmd()`],
    ['+1', `'+1`],
    ['-1', `'-1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['a"b', '"a""b"'],
    ['=1,2', `"'=1,2"`],
    ['a\r\nb', 'a\uFFFD\uFFFDb'],
    ['\t=1', '\uFFFD=1'],
    ['00000659', '00000659'],
  ])('has no formula, and a line for each: %j is written %s', (given, written) => {
    const [, line, ...others] = REVIEW_FORMATS['csv']?.(reviewOf(given)).split('\r\n') ?? [];
    expect(line).toBe(`odd-hours,${written},,,2024-01-01T23:00:00.000Z,2024-01-01T23:30:00.000Z,2,1,0,AuditEvent/0190`);
    expect(others).toEqual([]);
  });

  it.each(['\u001b[2J', 'a\u2028b', 'a\u202eb', 'a\nb'])('for people shows %j in one line', (given) => {
    const shown = REVIEW_FORMATS['table']?.(reviewOf(given)) ?? '';
    expect(shown.split('\n')).toHaveLength(3);
    expect(shown).toContain('\uFFFD');
    expect(shown).not.toContain(given);
  });
});
