import fc from 'fast-check';
import { readBundle } from '../../src/fhir/bundle.ts';
import type { EntryRequest } from '../../src/fhir/bundle.ts';
import { conditionalReferencesIn, rewriteReferences } from '../../src/fhir/references.ts';
import { planTransaction } from '../../src/fhir/transaction-plan.ts';
import { refusalOf } from './problem-of.ts';

const request = (method: string, url: string, fullUrl?: string) => ({
  ...(fullUrl !== undefined && { fullUrl }),
  ...(['POST', 'PUT'].includes(method) && { resource: { resourceType: 'Patient' } }),
  request: { method, url },
});
function entriesOf(...entry: unknown[]): readonly EntryRequest[] {
  const read = readBundle({ resourceType: 'Bundle', type: 'transaction', entry });
  if (read.type !== 'transaction') throw new Error('not a transaction');
  return read.entries;
}
function plan(entries: readonly EntryRequest[], matches = new Map<number, string>()) {
  let last = 0;
  return planTransaction(entries, () => `new-${(last += 1)}`, matches);
}

describe('the plan of a transaction', () => {
  it('deletes, creates, changes, reads, each kind in the order given', () => {
    const given = [
      'GET Patient/a',
      'PUT Patient/b',
      'POST Patient',
      'DELETE Patient/c',
      'POST Consent',
      'DELETE Patient/d',
    ];
    const entries = entriesOf(...given.map((line) => request(line.split(' ')[0] ?? '', line.split(' ')[1] ?? '')));
    expect(plan(entries).order.map(({ index }) => index)).toEqual([3, 5, 2, 4, 1, 0]);
  });

  it('gives ids to what is created and says what every fullUrl stands for', () => {
    const entries = entriesOf(
      request('POST', 'Patient', 'urn:uuid:1'),
      request('PUT', 'Organization/o', 'urn:uuid:2'),
      request('POST', 'Consent'),
      request('GET', 'Patient/x', 'urn:uuid:3'),
      request('POST', 'Consent/$check', 'urn:uuid:4'),
    );
    const { ids, references } = plan(entries);
    expect([...ids]).toEqual([
      [0, 'new-1'],
      [2, 'new-2'],
    ]);
    expect([...references]).toEqual([
      ['urn:uuid:1', 'Patient/new-1'],
      ['urn:uuid:2', 'Organization/o'],
      ['urn:uuid:3', 'Patient/x'],
    ]);
  });

  it('takes what a conditional entry found instead of a new id', () => {
    const entries = entriesOf(request('POST', 'Patient', 'urn:uuid:1'), request('PUT', 'Patient?_id=q', 'urn:uuid:2'));
    const { ids, references } = plan(entries, new Map([[0, 'Patient/found']]));
    expect([...ids]).toEqual([[1, 'new-1']]);
    expect(references.get('urn:uuid:1')).toBe('Patient/found');
  });

  it.each<[string, string[], Map<number, string>]>([
    ['two changes', ['PUT Patient/a', 'PUT Patient/a'], new Map()],
    ['a change and a deletion', ['DELETE Patient/a', 'PUT Patient/a'], new Map()],
    ['a change and what a condition found', ['PUT Patient/a', 'DELETE Patient?_id=a'], new Map([[1, 'Patient/a']])],
  ])('may not hold %s of one resource', (_, lines, matches) => {
    const entries = entriesOf(...lines.map((line) => request(line.split(' ')[0] ?? '', line.split(' ')[1] ?? '')));
    expect(refusalOf(() => plan(entries, matches))).toMatchObject({
      kind: 'malformed',
      codes: ['transaction-duplicate'],
      expressions: ['Bundle.entry[1]'],
    });
  });

  it('may read what it changes, and change the same id of another type', () => {
    const entries = entriesOf(
      request('PUT', 'Patient/a'),
      request('GET', 'Patient/a'),
      request('PUT', 'Organization/a'),
    );
    expect(refusalOf(() => plan(entries))).toBeUndefined();
  });
});

describe('references between the resources of a transaction', () => {
  const references = new Map([
    ['urn:uuid:1', 'Patient/p'],
    ['Patient?_id=q', 'Patient/q'],
  ]);
  const rewrite = (resource: unknown) => rewriteReferences(resource, references, 'Bundle.entry[0]');

  it('are replaced at every depth, and the original is left alone', () => {
    const resource = {
      patient: { reference: 'urn:uuid:1' },
      performer: [{ reference: 'Patient?_id=q' }, { reference: 'Patient/x' }],
      extension: [{ url: 'urn:uuid:1', valueUri: 'urn:uuid:1', valueString: 'urn:uuid:1' }],
    };
    const before = structuredClone(resource);
    expect(rewrite(resource)).toEqual({
      patient: { reference: 'Patient/p' },
      performer: [{ reference: 'Patient/q' }, { reference: 'Patient/x' }],
      extension: [{ url: 'urn:uuid:1', valueUri: 'Patient/p', valueString: 'urn:uuid:1' }],
    });
    expect(resource).toEqual(before);
  });

  it.each(['urn:uuid:2', 'urn:oid:1.2', 'Organization?name=x'])(
    'to nothing in the Bundle are refused: %s',
    (reference) => {
      expect(refusalOf(() => rewrite({ a: [{ reference }] }))).toMatchObject({
        kind: 'malformed',
        codes: ['reference-unresolved'],
      });
    },
  );

  it('that are conditions are listed once each', () => {
    const resource = [{ reference: 'Patient?_id=q' }, { reference: 'Patient?_id=q' }, { reference: 'Patient/q' }];
    expect(conditionalReferencesIn({ performer: resource, note: 'Patient?_id=z' })).toEqual(['Patient?_id=q']);
  });

  it('are the only thing that changes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(rewriteReferences(value, new Map(), '')).toEqual(value);
      }),
    );
  });
});
