import { readFileSync } from 'node:fs';
import { headingExists, testExists } from './named-proof.ts';

/** How many requirements of level 1 and 2 each chapter of OWASP ASVS 5.0.0 has: https://github.com/OWASP/ASVS/tree/v5.0.0 */
const CHAPTERS: Readonly<Record<string, readonly [first: number, second: number]>> = {
  1: [8, 19],
  2: [4, 7],
  3: [8, 11],
  4: [2, 8],
  5: [4, 5],
  6: [13, 22],
  7: [6, 12],
  8: [4, 3],
  9: [4, 3],
  10: [5, 24],
  11: [3, 11],
  12: [3, 6],
  13: [1, 12],
  14: [2, 7],
  15: [3, 10],
  16: [0, 16],
  17: [0, 7],
};

interface Row {
  readonly id: string;
  readonly level: string;
  readonly subject: string;
  readonly applies: string;
  readonly shownBy: readonly string[];
  readonly note: string;
}

const [HEADER, ...ROWS] = rowsOf(new URL('asvs.csv', import.meta.url));
const LAW = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');

/** Reads lines of CSV (RFC 4180) of which no field holds a line end. */
function rowsOf(file: URL): Row[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
    const texts = fields.map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
    const [id = '', level = '', subject = '', applies = '', shownBy = '', note = ''] = texts;
    return { id, level, subject, applies, shownBy: shownBy === '' ? [] : shownBy.split(' | '), note };
  });
}

/** What is named as a proof and is not there. */
function absent(names: readonly string[]): string[] {
  return names.filter((name) => !(name.includes(' › ') ? testExists(name) : headingExists(name)));
}

function numbersOf(id: string): readonly number[] {
  return id.split('.').map(Number);
}

describe('the requirements of ASVS 5.0.0, levels 1 and 2,', () => {
  it('have the columns that their readers expect', () => {
    expect(HEADER).toEqual({
      id: 'id',
      level: 'level',
      subject: 'subject',
      applies: 'applies',
      shownBy: ['shown_by'],
      note: 'note',
    });
  });

  it('are each there once, in order', () => {
    const ids = ROWS.map(({ id }) => id);
    const isAfter = (one: readonly number[], other: readonly number[]) => {
      const [at = -1] = one.flatMap((number, index) => (number === other[index] ? [] : [index]));
      return (one[at] ?? 0) > (other[at] ?? 0);
    };
    const pairs = ids.slice(1).map((id, index) => [id, ids[index] ?? ''] as const);
    expect(pairs.filter(([id, before]) => !isAfter(numbersOf(id), numbersOf(before)))).toEqual([]);
    expect(ids.filter((id) => !/^\d+\.\d+\.\d+$/.test(id))).toEqual([]);
  });

  it.each(Object.entries(CHAPTERS))('are all there of chapter %s: %j', (chapter, counts) => {
    const levels = ROWS.filter(({ id }) => id.startsWith(`${chapter}.`)).map(({ level }) => level);
    expect(['1', '2'].map((level) => levels.filter((one) => one === level).length)).toEqual(counts);
    expect(levels).toHaveLength(counts[0] + counts[1]);
  });

  it('are 70 and 183', () => {
    const sum = (index: 0 | 1) => Object.values(CHAPTERS).reduce((all, counts) => all + counts[index], 0);
    expect([sum(0), sum(1), ROWS.length]).toEqual([70, 183, 253]);
  });

  it('apply and are shown, or do not and say why', () => {
    const isDone = ({ applies, shownBy, note }: Row) =>
      applies === 'yes' ? shownBy.length > 0 : applies === 'no' && shownBy.length === 0 && note !== '';
    expect(ROWS.filter((row) => !isDone(row) || row.subject === '').map(({ id }) => id)).toEqual([]);
  });

  it.each(ROWS.filter(({ shownBy }) => shownBy.length > 0))('name what is there: $id', ({ shownBy }) => {
    expect(absent(shownBy)).toEqual([]);
  });

  it('would be found out: a test, a file or a heading that is not there', () => {
    const wrong = ['test/security/asvs.test.ts › is', 'test/no.test.ts › is', 'SECURITY.md#report', 'NO.md#reporting'];
    expect(absent(['test/security/asvs.test.ts › are 70 and 183', 'SECURITY.md#reporting', ...wrong])).toEqual(wrong);
  });
});

describe('SECURITY.md', () => {
  it('names tests that exist', () => {
    const names = [...LAW.matchAll(/`(test\/[^`]+ › [^`]+)`/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(absent(names)).toEqual([]);
  });
});
