import { isBsn, readBsn, readRole, readUra, readUzi } from '../../src/fhir/identifiers.ts';
import { publicTextOf, refusalOf } from './problem-of.ts';

const TEST_BSNS = ['900186021', '900203638', '900203651', '999999990', '999999011', '999990019'];
const NO_BSNS = [
  '000000000',
  '123456789',
  '99999999',
  '9999999900',
  '900186022',
  '9001 86021',
  ' 900186021',
  '900186021\n',
  '٩٠٠١٨٦٠٢١',
  '+90018602',
  '9.0018602',
  '',
  '9'.repeat(1_000_000),
];

describe('a BSN', () => {
  it.each(TEST_BSNS)('%s is read as it stands', (text) => {
    expect(readBsn(text)).toBe(text);
  });

  it.each(NO_BSNS.map((text) => [text.slice(0, 12), text]))('%j is refused and not echoed', (_, text) => {
    const work = () => readBsn(text, 'Patient.identifier');
    expect(refusalOf(work)).toEqual({ kind: 'malformed', codes: ['bsn-invalid'], expressions: ['Patient.identifier'] });
    if (text.trim() !== '') expect(publicTextOf(work)).not.toContain(text);
  });

  it('changes with every single digit: no neighbour of a BSN is one', () => {
    const bsn = '900186021';
    for (let at = 0; at < bsn.length; at += 1) {
      const other = String((Number(bsn[at]) + 1) % 10);
      expect(isBsn(`${bsn.slice(0, at)}${other}${bsn.slice(at + 1)}`)).toBe(false);
    }
  });
});

describe('the other numbers', () => {
  it.each([
    ['URA', readUra, '00000659', ['659', '000006590', '0000065a', '٠٠٠٠٠٦٥٩']],
    ['UZI', readUzi, '000001111', ['1111', '0000011110', '00000111x']],
    ['role', readRole, '01.015', ['01015', '1.015', '01.15', '01.0150']],
  ])('%s: the right form is read, another is refused', (_, read, right, wrong) => {
    expect(read(right)).toBe(right);
    for (const text of wrong) expect(refusalOf(() => read(text))?.kind).toBe('malformed');
  });
});
