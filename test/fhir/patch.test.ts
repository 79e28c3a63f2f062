import fc from 'fast-check';
import { patchResource } from '../../src/fhir/patch.ts';
import { publicTextOf, refusalOf } from './problem-of.ts';

const RESOURCE = {
  resourceType: 'Patient',
  id: 'a',
  meta: { versionId: '3' },
  active: true,
  name: [{ family: 'Jansen', given: ['Anna', 'Maria'] }],
};
const patched = (...operations: unknown[]): unknown => patchResource(RESOURCE, operations);

const ACCEPTED: readonly [rule: string, operation: object, name: unknown][] = [
  ['adds', { op: 'add', path: '/name/0/use', value: 'official' }, [{ ...RESOURCE.name[0], use: 'official' }]],
  ['adds at the end of a list', { op: 'add', path: '/name/-', value: {} }, [...RESOURCE.name, {}]],
  ['removes', { op: 'remove', path: '/name/0/given/0' }, [{ family: 'Jansen', given: ['Maria'] }]],
  ['replaces', { op: 'replace', path: '/name/0/family', value: 'x' }, [{ ...RESOURCE.name[0], family: 'x' }]],
  [
    'moves',
    { op: 'move', from: '/name/0/given/0', path: '/name/0/given/1' },
    [{ family: 'Jansen', given: ['Maria', 'Anna'] }],
  ],
  ['copies', { op: 'copy', from: '/name/0/family', path: '/name/0/text' }, [{ ...RESOURCE.name[0], text: 'Jansen' }]],
  ['tests', { op: 'test', path: '/meta/versionId', value: '3' }, RESOURCE.name],
];

const REFUSED: readonly [rule: string, patch: unknown, kind: string, code: string][] = [
  ['an object', {}, 'malformed', 'patch-malformed'],
  ['nothing', null, 'malformed', 'patch-malformed'],
  ['an empty list', [], 'malformed', 'patch-malformed'],
  [
    'more than 1,000 operations',
    Array.from({ length: 1001 }, () => ({ op: 'remove', path: '/a' })),
    'malformed',
    'patch-malformed',
  ],
  ['an operation that is a word', ['remove'], 'malformed', 'patch-malformed'],
  ['an unknown operation', [{ op: 'delete', path: '/name' }], 'malformed', 'patch-malformed'],
  ['a missing path', [{ op: 'remove' }], 'malformed', 'patch-malformed'],
  ['a path without a slash', [{ op: 'remove', path: 'name' }], 'malformed', 'patch-malformed'],
  ['a path with a wrong escape', [{ op: 'remove', path: '/na~2me' }], 'malformed', 'patch-malformed'],
  ['an add without value', [{ op: 'add', path: '/active' }], 'malformed', 'patch-malformed'],
  ['a move without from', [{ op: 'move', path: '/active' }], 'malformed', 'patch-malformed'],
  ['another id', [{ op: 'replace', path: '/id', value: 'b' }], 'invalid', 'patch-forbidden'],
  ['another type', [{ op: 'replace', path: '/resourceType', value: 'Consent' }], 'invalid', 'patch-forbidden'],
  ['another version', [{ op: 'replace', path: '/meta/versionId', value: '4' }], 'invalid', 'patch-forbidden'],
  ['a move of the id', [{ op: 'move', from: '/id', path: '/gender' }], 'invalid', 'patch-forbidden'],
  ['a new whole', [{ op: 'replace', path: '', value: {} }], 'invalid', 'patch-forbidden'],
  ['a prototype', [{ op: 'add', path: '/__proto__/a', value: 1 }], 'invalid', 'patch-forbidden'],
  ['a constructor', [{ op: 'test', path: '/constructor/prototype', value: 1 }], 'invalid', 'patch-forbidden'],
  ['a removal of what is not there', [{ op: 'remove', path: '/gender' }], 'conflict', 'patch-path'],
  [
    'an addition below what is not there',
    [{ op: 'add', path: '/contact/0/name', value: {} }],
    'conflict',
    'patch-path',
  ],
  ['an addition beyond the end of a list', [{ op: 'add', path: '/name/2', value: {} }], 'conflict', 'patch-path'],
  ['an addition to a text', [{ op: 'add', path: '/name/0/family/0', value: 'x' }], 'conflict', 'patch-path'],
  ['a word as a position', [{ op: 'replace', path: '/name/length', value: 0 }], 'conflict', 'patch-path'],
  ['what every object inherits', [{ op: 'replace', path: '/toString/call', value: 1 }], 'conflict', 'patch-path'],
  ['what every list inherits', [{ op: 'add', path: '/name/push/call', value: 1 }], 'conflict', 'patch-path'],
  ['a move into itself', [{ op: 'move', from: '/name', path: '/name/0' }], 'conflict', 'patch-path'],
  ['a test that does not hold', [{ op: 'test', path: '/active', value: false }], 'conflict', 'patch-test-failed'],
];

describe('patchResource', () => {
  it.each(ACCEPTED)('%s', (_, operation, name) => {
    expect(patched(operation)).toEqual({ ...RESOURCE, name });
  });

  it.each(REFUSED)('refuses %s', (_, patch, kind, code) => {
    expect(refusalOf(() => patchResource(RESOURCE, patch))).toEqual({ kind, codes: [code], expressions: [undefined] });
  });

  it('leaves the resource as it was, also when a later operation fails', () => {
    const before = structuredClone(RESOURCE);
    refusalOf(() => patched({ op: 'remove', path: '/name' }, { op: 'test', path: '/active', value: false }));
    patched({ op: 'remove', path: '/name' });
    expect(RESOURCE).toEqual(before);
  });

  it.each([
    ['copies of all names into the names', { op: 'copy', from: '/name', path: '/name/-' }, 24],
    ['copies of all names into the names', { op: 'copy', from: '/name', path: '/name/-' }, 1000],
    ['copies of the names into the first', { op: 'copy', from: '/name', path: '/name/0/given/-' }, 1000],
    ['copies of one long text', { op: 'copy', from: '/name/0/text', path: '/name/0/given/-' }, 999],
  ])('does not let %s make a resource grow out of hand: %j %i times', (_, operation, times) => {
    const long = { op: 'add', path: '/name/0/text', value: 'x'.repeat(100_000) };
    const patch = [long, ...Array.from({ length: times }, () => operation)].slice(0, 1000);
    expect(refusalOf(() => patchResource(RESOURCE, patch))).toEqual({
      kind: 'too-large',
      codes: ['patch-too-large'],
      expressions: [undefined],
    });
  });

  it('lets a resource grow as far as anyone needs', () => {
    const operation = { op: 'copy', from: '/name/0', path: '/name/-' };
    const grown = patched(...Array.from({ length: 1000 }, () => operation)) as typeof RESOURCE;
    expect(grown.name).toHaveLength(1001);
  });

  it('shows nothing of what it compares', () => {
    const shown = publicTextOf(() => patched({ op: 'test', path: '/name/0/family', value: '900186021' }));
    expect(shown).toContain('Operation 0');
    expect(shown).not.toMatch(/900186021|Jansen/);
  });

  it('gives a resource or a Problem for any patch, and changes nothing else', () => {
    const token = fc.constantFrom(
      '',
      'name',
      '0',
      '1',
      '-',
      'family',
      'given',
      'toString',
      'call',
      'length',
      'active',
      '~0',
      'x',
    );
    const path = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((part) => `/${part}`).join(''));
    const op = fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test');
    const operation = fc.record({ op, path, from: path, value: fc.jsonValue() }, { requiredKeys: ['op', 'path'] });
    const inherited = (): string[] => Object.getOwnPropertyNames(Reflect.get(Object.prototype, 'toString'));
    const before = inherited();
    fc.assert(
      fc.property(fc.oneof(fc.array(operation), fc.jsonValue()), (patch) => {
        refusalOf(() => patchResource(RESOURCE, patch));
        expect(inherited()).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });
});
