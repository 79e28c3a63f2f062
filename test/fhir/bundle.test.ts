import fc from 'fast-check';
import { isBroken, readBundle } from '../../src/fhir/bundle.ts';
import { responseBundle } from '../../src/fhir/response-bundle.ts';
import { Problem } from '../../src/problem.ts';
import { refusalOf } from './problem-of.ts';

const bundle = (type: unknown, ...entry: unknown[]) => ({ resourceType: 'Bundle', type, entry });
const get = (url: unknown, change: object = {}) => ({ request: { method: 'GET', url, ...change } });
const post = (url: string, resource: unknown = { resourceType: 'Consent' }) => ({
  resource,
  request: { method: 'POST', url },
});
const patchOf = (text: string, change: object = {}) => ({
  resource: {
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(text, 'utf8').toString('base64'),
    ...change,
  },
  request: { method: 'PATCH', url: 'Consent/c' },
});

describe('a Bundle of requests', () => {
  it('says of each entry method, address, query, conditions and body', () => {
    const put = {
      fullUrl: 'urn:uuid:1',
      resource: { resourceType: 'Consent' },
      request: { method: 'PUT', url: 'Consent/c', ifMatch: 'W/"1"' },
    };
    const create = {
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient', ifNoneExist: '_id=p' },
    };
    const read = readBundle(
      bundle('batch', put, create, get('Consent?patient=Patient/p&date=ge2026%2D01', { ifNoneMatch: 'W/"2"' }), {
        request: { method: 'DELETE', url: 'Consent/c' },
      }),
    );
    expect(read.entries).toEqual([
      {
        index: 0,
        method: 'PUT',
        fullUrl: 'urn:uuid:1',
        segments: ['Consent', 'c'],
        query: [],
        body: { resourceType: 'Consent' },
        headers: { ifMatch: 'W/"1"' },
      },
      {
        index: 1,
        method: 'POST',
        segments: ['Patient'],
        query: [],
        body: { resourceType: 'Patient' },
        headers: { ifNoneExist: '_id=p' },
      },
      {
        index: 2,
        method: 'GET',
        segments: ['Consent'],
        query: [
          ['patient', 'Patient/p'],
          ['date', 'ge2026-01'],
        ],
        headers: { ifNoneMatch: 'W/"2"' },
      },
      { index: 3, method: 'DELETE', segments: ['Consent', 'c'], query: [], headers: {} },
    ]);
  });

  it('may be empty', () => {
    expect(readBundle({ resourceType: 'Bundle', type: 'batch' })).toEqual({ type: 'batch', entries: [] });
  });

  it.each(['Consent/c/_history/2', 'Consent/c/_history', 'Consent/$check', 'metadata', 'Patient?_id=p'])(
    'may ask for %s',
    (url) => {
      expect(refusalOf(() => readBundle(bundle('transaction', get(url))))).toBeUndefined();
    },
  );

  it('carries a JSON Patch as Binary', () => {
    const { entries } = readBundle(bundle('transaction', patchOf('[{"op":"remove","path":"/a"}]')));
    expect(entries).toMatchObject([{ method: 'PATCH', body: [{ op: 'remove', path: '/a' }] }]);
  });

  it('holds 500 entries, not 501', () => {
    const many = Array.from({ length: 500 }, () => get('Patient/p'));
    expect(readBundle(bundle('batch', ...many)).entries).toHaveLength(500);
    expect(refusalOf(() => readBundle(bundle('batch', ...many, get('Patient/p'))))?.kind).toBe('too-large');
  });
});

const BAD_URLS = [
  '/Patient/p',
  '//elsewhere.example/Patient',
  'https://elsewhere.example/fhir/Patient',
  'Patient//p',
  'Patient/../Consent/c',
  'Patient/./p',
  './Patient',
  'Patient/%2e%2e/Consent',
  'Patient/a%2Fb',
  'Patient/p/',
  'Patient\\p',
  'Patient/p#x',
  'Patient?name=a#x',
  'Patient?name=%ZZ',
  'Patient?name=%E0%A4%A',
  'Patient/päd',
  'Patient/p\n',
  ' Patient/p',
  '?name=a',
  'Patient/900186021',
  `Patient?name=${'a'.repeat(4000)}`,
];

describe('an entry that cannot be read', () => {
  it.each(BAD_URLS)('asks for %j', (url) => {
    const refusal = refusalOf(() => readBundle(bundle('transaction', get(url))));
    expect(refusal).toMatchObject({ kind: 'malformed', expressions: ['Bundle.entry[0].request.url'] });
  });

  it.each([
    ['null', null],
    ['no request', { resource: { resourceType: 'Patient' } }],
    ['another method', { request: { method: 'TRACE', url: 'Patient' } }],
    ['a method in small letters', { request: { method: 'get', url: 'Patient' } }],
    ['no url', { request: { method: 'GET' } }],
    ['a url that is no text', get(['Patient'])],
    ['a create without a resource', { request: { method: 'POST', url: 'Patient' } }],
    ['a create of a list', post('Patient', [])],
    ['a read with a resource', { ...get('Patient/p'), resource: { resourceType: 'Patient' } }],
    ['a condition that is a number', get('Patient/p', { ifMatch: 1 })],
    ['a condition nobody knows', get('Patient/p', { ifModified: 'x' })],
    ['a response', { ...get('Patient/p'), response: { status: '200' } }],
    ['a fullUrl that is a number', { ...get('Patient/p'), fullUrl: 1 }],
    ['a patch that is no Binary', patchOf('[]', { resourceType: 'Parameters' })],
    ['a patch of another kind', patchOf('[]', { contentType: 'application/json' })],
    ['a patch that is no JSON', patchOf('[')],
    ['a patch with a key given twice', patchOf('[{"op":"remove","op":"add"}]')],
    ['a patch that is no base64', patchOf('[]', { data: '$$' })],
  ])('is %s: the transaction fails, in a batch only the entry', (_, entry) => {
    expect(refusalOf(() => readBundle(bundle('transaction', get('Patient/p'), entry)))?.kind).toBe('malformed');
    const { entries } = readBundle(bundle('batch', get('Patient/p'), entry, get('Patient/q')));
    expect(entries.map(isBroken)).toEqual([false, true, false]);
    expect(entries.map(({ index }) => index)).toEqual([0, 1, 2]);
  });
});

describe('what is no Bundle of requests', () => {
  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['another resource', { resourceType: 'Consent' }],
    ['a searchset', bundle('searchset')],
    ['no type', bundle(undefined)],
    ['entries that are no list', { resourceType: 'Bundle', type: 'batch', entry: {} }],
    ['implicit rules', { ...bundle('batch'), implicitRules: 'urn:x' }],
    [
      'the same fullUrl twice',
      bundle('batch', { ...get('Patient/p'), fullUrl: 'urn:x' }, { ...get('Patient/q'), fullUrl: 'urn:x' }),
    ],
  ])('%s', (_, value) => {
    expect(refusalOf(() => readBundle(value))?.kind).toBe('malformed');
  });
});

describe('the answer to a Bundle', () => {
  it('has an entry for each, in the order they came, whatever the order of the work', () => {
    const answers = new Map([
      [1, { status: 200, resource: { resourceType: 'Patient' as const } }],
      [0, { status: 201, location: 'Patient/p/_history/1', etag: 'W/"1"', lastModified: 0 }],
    ]);
    expect(responseBundle('transaction', 2, answers)).toEqual({
      resourceType: 'Bundle',
      type: 'transaction-response',
      entry: [
        {
          response: {
            status: '201',
            location: 'Patient/p/_history/1',
            etag: 'W/"1"',
            lastModified: '1970-01-01T00:00:00.000Z',
          },
        },
        { resource: { resourceType: 'Patient' }, response: { status: '200' } },
      ],
    });
  });

  it('is not given when an entry has no answer', () => {
    expect(() => responseBundle('batch', 1, new Map())).toThrow(Error);
    expect(responseBundle('batch', 0, new Map())).toEqual({ resourceType: 'Bundle', type: 'batch-response' });
  });
});

it('is never answered by anything but a Problem, whatever comes in', () => {
  const text = fc.oneof(fc.constantFrom('Patient', 'Consent/c', 'Consent?patient=p', ...BAD_URLS), fc.string());
  const request = fc.record({
    method: fc.oneof(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'), fc.anything()),
    url: fc.oneof(text, fc.anything()),
  });
  const resource = fc.oneof(fc.object(), fc.record({ resourceType: fc.constant('Binary'), data: text }));
  const entry = fc.record({ request, resource, fullUrl: text }, { requiredKeys: ['request'] });
  const like = fc
    .tuple(fc.constantFrom('batch', 'transaction'), fc.array(fc.oneof(entry, fc.anything())))
    .map(([type, entries]) => bundle(type, ...entries));
  fc.assert(
    fc.property(fc.oneof(fc.anything(), like), (value) => {
      try {
        readBundle(value);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }),
  );
});
