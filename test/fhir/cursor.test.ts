import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../src/fhir/cursor.ts';
import { refusalOf } from './problem-of.ts';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

describe('a cursor', () => {
  it('comes back as it went out', () => {
    const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (cursor) => {
        const plain = cursor.map((one) => (Object.is(one, -0) ? 0 : one));
        expect(decodeCursor(encodeCursor(plain))).toEqual(plain);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['a text that is no base64url', '$$$'],
    ['a text that is no JSON', 'AAAA'],
    ['an object', encoded({ id: 1 })],
    ['a list in a list', encoded([[1]])],
    ['null', encoded([null])],
    ['too many parts', encoded([1, 2, 3, 4, 5, 6, 7, 8, 9])],
    ['another way to write the same', Buffer.from('[ 1 ]', 'utf8').toString('base64url')],
    ['padding', `${encoded([1])}=`],
    ['a very long text', 'A'.repeat(3000)],
  ])('is refused when it is %s', (_, text) => {
    expect(refusalOf(() => decodeCursor(text))).toMatchObject({ kind: 'malformed', codes: ['invalid-cursor'] });
  });
});
