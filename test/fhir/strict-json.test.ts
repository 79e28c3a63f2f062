import fc from 'fast-check';
import { parseStrictJson } from '../../src/fhir/strict-json.ts';
import { publicTextOf, refusalOf } from './problem-of.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const list = (length: number): string => `[${Array.from({ length }, () => '0').join()}]`;
const REFUSED_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** What is refused, why, and the nearest text that is accepted. */
const TWINS: readonly [rule: string, refused: string, code: string, accepted: string][] = [
  ['an unfinished object', '{"a":1', 'json-syntax', '{"a":1}'],
  ['an unfinished text', '{"a":"', 'json-syntax', '{"a":""}'],
  ['nothing', '', 'json-syntax', 'null'],
  ['a trailing comma', '[1,]', 'json-syntax', '[1]'],
  ['words outside JSON', 'NaN', 'json-syntax', '0'],
  ['a byte order mark', '\uFEFF{}', 'json-syntax', '{}'],
  ['a second value', '{}{}', 'json-syntax', '[{},{}]'],
  ['an unknown escape', '"\\x41"', 'json-syntax', '"\\u0041"'],
  ['a key given twice', '{"a":1,"a":1}', 'json-duplicate-key', '{"a":1,"b":1}'],
  ['a key given twice, once escaped', '{"a":1,"\\u0061":1}', 'json-duplicate-key', '{"a":1,"\\u0062":1}'],
  [
    'a key given twice in an inner object',
    '[{"b":{"a":1,"c":{},"a":2}}]',
    'json-duplicate-key',
    '[{"b":{"a":1,"c":{"a":2}}}]',
  ],
  ['an empty key given twice', '{"":1,"":1}', 'json-duplicate-key', '{"":1}'],
  ['the key __proto__', '{"__proto__":{}}', 'json-key', '{"proto":{}}'],
  ['the key __proto__, escaped', '{"__prot\\u006f__":{}}', 'json-key', '{"a":"__proto__"}'],
  ['the key constructor', '{"a":{"constructor":1}}', 'json-key', '{"a":["constructor"]}'],
  ['the key prototype', '{"prototype":1}', 'json-key', '{"Prototype":1}'],
  ['33 levels', nested(33), 'json-depth', nested(32)],
  [
    '33 levels of objects',
    '{"a":'.repeat(33) + '1' + '}'.repeat(33),
    'json-depth',
    '{"a":'.repeat(32) + '1' + '}'.repeat(32),
  ],
  ['a million open brackets', '['.repeat(1_000_000), 'json-depth', '[]'],
  ['more than 100,000 values', list(100_000), 'json-size', list(99_999)],
  ['an escaped NUL', '"\\u0000"', 'json-character', '"\\u0009"'],
  ['an escaped backspace', '"\\b"', 'json-character', '"\\t\\r\\n"'],
  ['a raw control character', '"\u0001"', 'json-character', '" "'],
  ['a raw control character outside a text', '[1,\u00002]', 'json-character', '[1,\t2]'],
  ['a control character in a key', '{"\\u001f":1}', 'json-character', '{"\\u0020":1}'],
  ['half a surrogate pair, escaped', '"\\ud83d"', 'json-character', '"\\ud83d\\ude00"'],
  ['half a surrogate pair, raw', '"\ud83d"', 'json-character', '"😀"'],
  ['a surrogate pair the wrong way round', '"\\ude00\\ud83d"', 'json-character', '"\\ud83d\\ude00"'],
  ['a number beyond the largest', '[1e400]', 'json-number', '[1e300]'],
  ['a number beyond the largest, written out', `-${'9'.repeat(400)}`, 'json-number', `-${'9'.repeat(300)}`],
];

describe('parseStrictJson', () => {
  it.each(TWINS)('refuses %s', (_, refused, code) => {
    expect(refusalOf(() => parseStrictJson(refused))).toEqual({
      kind: 'malformed',
      codes: [code],
      expressions: [undefined],
    });
  });

  it.each(TWINS)('accepts the twin of %s', (_, __, ___, accepted) => {
    expect(parseStrictJson(accepted)).toEqual(JSON.parse(accepted));
  });

  it('tells marks in a text from marks around it', () => {
    expect(parseStrictJson('{"a":"{\\"a\\":[,]}","b":"\\\\"}')).toEqual({ a: '{"a":[,]}', b: '\\' });
  });

  it('shows nothing of what it refuses', () => {
    const words = ['900186021', 'Jansen'];
    const texts = ['{"900186021":1,"900186021":"Jansen"}', '{"Jansen": 900186021', '["Jansen\\u0000", 900186021]'];
    const shown = texts.map((text) => publicTextOf(() => parseStrictJson(text))).join(' ');
    expect(words.filter((word) => shown.includes(word))).toEqual([]);
  });

  it('gives what JSON.parse gives for every JSON text it accepts', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1), (text, space) => {
        const written = JSON.stringify(JSON.parse(text), undefined, space);
        fc.pre(!hasRefused(JSON.parse(written)));
        expect(parseStrictJson(written)).toEqual(JSON.parse(written));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives what JSON.parse gives, or a Problem, for any text at all', () => {
    const marks = fc.stringMatching(/^[[\]{}",:\\0-9a-eu\s-]{0,30}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), marks, fc.json()), (text) => {
        let value: unknown;
        if (refusalOf(() => (value = parseStrictJson(text))) === undefined) expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 5000 },
    );
  });
});

/** Control characters but three, and halves of surrogate pairs, which a string falls into only when they stand alone. */
function isRefused(character: string): boolean {
  return (character < ' ' && !'\t\r\n'.includes(character)) || /^[\ud800-\udfff]$/.test(character);
}

/** Whether a value holds what JSON allows and we refuse. */
function hasRefused(value: unknown): boolean {
  if (typeof value === 'string') return Array.from(value).some(isRefused);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => REFUSED_KEYS.has(key) || hasRefused(key) || hasRefused(item));
}
