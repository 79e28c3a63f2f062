import { isRealDate, isReversed } from '../../src/fhir/dates.ts';

const TWINS: readonly [rule: string, type: string, refused: string, accepted: string][] = [
  ['30 February', 'date', '2023-02-30', '2023-02-28'],
  ['29 February of a common year', 'date', '2023-02-29', '2024-02-29'],
  ['29 February of a century', 'date', '1900-02-29', '2000-02-29'],
  ['31 April', 'dateTime', '2026-04-31', '2026-04-30'],
  ['a thirteenth month', 'date', '2026-13', '2026-12'],
  ['month zero', 'date', '2026-00-01', '2026-01-01'],
  ['the year zero', 'date', '0000', '0001'],
  ['a year of five digits', 'date', '12026-01-01', '2026-01-01'],
  ['a date with a time', 'date', '2026-01-01T00:00:00Z', '2026-01-01'],
  ['24 hours', 'dateTime', '2026-01-01T24:00:00Z', '2026-01-01T23:59:59Z'],
  ['a leap second', 'instant', '2016-12-31T23:59:60Z', '2016-12-31T23:59:59Z'],
  ['a time without seconds', 'dateTime', '2026-01-01T10:00Z', '2026-01-01T10:00:00Z'],
  ['a time without zone', 'dateTime', '2026-01-01T10:00:00', '2026-01-01T10:00:00+01:00'],
  ['a zone nobody lives in', 'dateTime', '2026-01-01T10:00:00+99:99', '2026-01-01T10:00:00+14:00'],
  ['a sign without a zone', 'dateTime', '2023-', '2023'],
  ['an instant without time', 'instant', '2026-01-01', '2026-01-01T10:00:00.123Z'],
  ['more than nine decimals', 'instant', '2026-01-01T10:00:00.1234567890Z', '2026-01-01T10:00:00.123456789Z'],
  ['other digits', 'date', '２０２６', '2026'],
];

describe('isRealDate', () => {
  it.each(TWINS)('refuses %s', (_, type, refused) => expect(isRealDate(type, refused)).toBe(false));
  it.each(TWINS)('accepts the twin of %s', (_, type, __, accepted) => expect(isRealDate(type, accepted)).toBe(true));
  it('leaves texts of other types alone', () => expect(isRealDate('string', '2023-02-30')).toBe(true));
});

describe('isReversed', () => {
  it.each([
    ['2026-03-02', '2026-03-01'],
    ['2026', '2025-12-31'],
    ['2026-03-01T10:00:00+01:00', '2026-03-01T08:59:59Z'],
  ])('is true of %s to %s', (start, end) => expect(isReversed(start, end)).toBe(true));

  it.each([
    ['2026-03-01', '2026-03-01'],
    ['2026-03-01', '2026'],
    ['2026-03-01T10:00:00+01:00', '2026-03-01T09:00:00Z'],
    ['nonsense', '2026'],
  ])('is false of %s to %s', (start, end) => expect(isReversed(start, end)).toBe(false));
});
