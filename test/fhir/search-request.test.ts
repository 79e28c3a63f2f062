import fc from 'fast-check';
import { exactText } from '../../src/fhir/search-text.ts';
import { parseSearch } from '../../src/fhir/search-request.ts';
import type { SearchPair } from '../../src/fhir/search-request.ts';
import { Problem } from '../../src/problem.ts';
import { publicTextOf, refusalOf } from './problem-of.ts';
import { madeRules, readSearchRules } from './search-rules.ts';

const conformance = readSearchRules();
const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const DAY = { from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 2, 2) };

const pairsIn = (query: string): SearchPair[] => [...new URLSearchParams(query)];
const parse = (type: string, query: string, via: 'url' | 'body' = 'url') =>
  parseSearch(conformance, type, pairsIn(query), via);

describe('a search finds', () => {
  it.each([
    ['Consent', '_id=a,b', { kind: 'id', values: ['a', 'b'] }],
    ['Consent', 'patient=p', { kind: 'reference', param: 'patient', values: ['Patient/p'] }],
    ['Consent', 'patient=Patient/p', { kind: 'reference', param: 'patient', values: ['Patient/p'] }],
    ['Consent', 'status=active,proposed', { kind: 'token', param: 'status', values: ['active', 'proposed'] }],
    ['Consent', 'status:not=active', { kind: 'token', param: 'status', values: ['active'], not: true }],
    ['Consent', 'category=urn:s|GGC002', { kind: 'token', param: 'category', values: ['urn:s|GGC002'] }],
    ['Consent', 'category=|GGC002', { kind: 'token', param: 'category', values: ['|GGC002'] }],
    ['Consent', 'category=urn:s|', { kind: 'token', param: 'category', values: ['urn:s|'] }],
    ['Consent', 'category=a\\,b', { kind: 'token', param: 'category', values: ['a,b'] }],
    ['Organization', 'name=Édèl', { kind: 'string', param: 'name', match: 'starts', values: ['edel'] }],
    ['Organization', 'name:contains=%25_%25', { kind: 'string', param: 'name', match: 'contains', values: ['%_%'] }],
    ['Organization', 'name:exact=Édèl', { kind: 'string', param: 'name', match: 'exact', values: [exactText('Édèl')] }],
    ['Consent', 'date=2026-03-01', { kind: 'date', param: 'date', prefix: 'eq', ...DAY }],
    ['Consent', 'date=ge2026-03-01', { kind: 'date', param: 'date', prefix: 'ge', ...DAY }],
    ['Consent', '_lastUpdated=lt2026-03-01', { kind: 'lastUpdated', prefix: 'lt', ...DAY }],
  ])('%s?%s', (type, query, filter) => {
    const request = parse(type, query);
    expect(request).toMatchObject({ filters: [filter], unfiltered: false, self: pairsIn(query) });
  });

  it('a reference of any type it may have, when only the id is given', () => {
    const made = madeRules([
      { code: 'about', type: 'reference', target: ['Patient', 'Organization'] },
      { code: 'anything', type: 'reference' },
      { code: 'address', type: 'uri' },
    ]);
    const parseMade = (name: string, value: string) => parseSearch(made, 'Basic', [[name, value]], 'url').filters;
    expect(parseMade('about', 'x')).toMatchObject([{ values: ['Patient/x', 'Organization/x'] }]);
    expect(parseMade('about', 'Organization/x')).toMatchObject([{ values: ['Organization/x'] }]);
    expect(refusalOf(() => parseMade('anything', 'x'))?.codes).toEqual(['search-value-malformed']);
    expect(refusalOf(() => parseMade('address', 'urn:x'))?.codes).toEqual(['search-parameter-unsupported']);
  });

  it('at a time with an offset, escaped or not', () => {
    const escaped = parse('Consent', 'date=ge2026-03-01T10:00:00%2B01:00').filters;
    expect(escaped).toMatchObject([{ prefix: 'ge', from: Date.UTC(2026, 2, 1, 9) }]);
    expect(parse('Consent', 'date=ge2026-03-01T10:00:00+01:00').filters).toEqual(escaped);
  });

  it('what meets all of several conditions', () => {
    const { filters } = parse('Consent', 'date=ge2026-01-01&date=lt2027-01-01&status=active&status:not=inactive');
    expect(filters.map(({ kind }) => kind)).toEqual(['date', 'date', 'token', 'token']);
  });

  it('everything the caller may see when nothing is said, and says so', () => {
    expect(parse('Organization', '')).toEqual({
      filters: [],
      unfiltered: true,
      sort: [],
      count: 50,
      total: 'none',
      include: [],
      revinclude: [],
      secret: [],
      names: [],
      self: [],
    });
    expect(parse('Organization', '_count=5').unfiltered).toBe(true);
  });
});

describe('the page of a search', () => {
  it.each([
    ['_count=1', { count: 1 }],
    ['_count=1000', { count: 1000 }],
    ['_count=0', { count: 0, summary: 'count' }],
    [
      '_sort=-date,_lastUpdated,_id',
      { sort: [{ key: 'date', descending: true }, { key: '_lastUpdated' }, { key: '_id' }] },
    ],
    ['_total=accurate', { total: 'accurate' }],
    ['_total=estimate', { total: 'accurate' }],
    ['_total=none', { total: 'none' }],
    ['_summary=text', { summary: 'text' }],
    ['_elements=status,dateTime', { elements: ['status', 'dateTime'] }],
    [
      '_include=Consent:patient&_include=Consent:organization',
      { include: [{ param: 'patient' }, { param: 'organization' }] },
    ],
    ['_format=json', {}],
    ['_format=application/fhir%2Bjson', {}],
  ])('Consent?%s', (query, page) => {
    expect(parse('Consent', query)).toMatchObject({ ...page, self: pairsIn(query) });
  });

  it('may include the Consents of a Patient', () => {
    const { revinclude } = parse('Patient', '_id=p&_revinclude=Consent:patient');
    expect(revinclude).toEqual([{ source: 'Consent', param: 'patient' }]);
  });

  it('goes on from a cursor that stands in no self link', () => {
    expect(parse('Consent', '_cursor=abc&_count=2')).toMatchObject({ cursor: 'abc', self: [['_count', '2']] });
  });
});

describe('a search that is refused', () => {
  it.each([
    ['Consent', 'patinet=p', 'search-parameter-unknown'],
    ['Consent', 'patient:foo=p', 'search-modifier-unknown'],
    ['Consent', 'patient=', 'search-value-malformed'],
    ['Consent', 'patient=%20', 'search-value-malformed'],
    ['Consent', 'status=active,', 'search-value-malformed'],
    ['Consent', 'patient=Organization/o', 'search-value-malformed'],
    ['Consent', 'patient=https://elsewhere.example/Patient/p', 'search-value-malformed'],
    ['Consent', 'patient=a&patient=b', 'search-parameter-repeated'],
    ['Consent', '_id=a&_id=b', 'search-parameter-repeated'],
    ['Consent', '_count=1&_count=2', 'search-parameter-repeated'],
    ['Consent', 'patient[$ne]=', 'search-parameter-unknown'],
    ['Consent', '__proto__=1', 'search-parameter-unknown'],
    ['Consent', 'constructor=1', 'search-parameter-unknown'],
    ['Consent', 'toString=1', 'search-parameter-unknown'],
    ['Patient', '_has:Consent:patient:category=GGZ', 'search-parameter-unknown'],
    ['Organization', '_has=x', 'search-parameter-unknown'],
    ['Consent', 'patient.name=x', 'search-parameter-unknown'],
    ['Consent', 'patient.organization.partof.name=x', 'search-parameter-unknown'],
    ['Consent', 'patient:Patient.identifier=x', 'search-parameter-unknown'],
    ['Consent', 'organization.identifier=x', 'search-parameter-unknown'],
    ['Consent', 'status:exact=active', 'search-modifier-unknown'],
    ['Consent', 'status:missing=true', 'search-modifier-unknown'],
    ['Organization', 'name:not=x', 'search-modifier-unknown'],
    ['Consent', 'date:not=2026', 'search-modifier-unknown'],
    ['Consent', '_id:not=x', 'search-modifier-unknown'],
    ['Consent', 'category=a|b|c', 'search-value-malformed'],
    ['Consent', 'category=|', 'search-value-malformed'],
    ['Consent', '_count=-1', 'search-value-malformed'],
    ['Consent', '_count=1001', 'search-value-malformed'],
    ['Consent', '_count=1000000000', 'search-value-malformed'],
    ['Consent', '_count=1e3', 'search-value-malformed'],
    ['Consent', '_sort=$$$', 'search-value-malformed'],
    ['Consent', '_sort=status', 'search-value-malformed'],
    ['Consent', '_sort=date,-date', 'search-value-malformed'],
    ['Consent', '_sort=--date', 'search-value-malformed'],
    ['Consent', '_elements=__proto__', 'search-value-malformed'],
    ['Consent', '_elements=constructor', 'search-value-malformed'],
    ['Consent', '_elements=status&_summary=true', 'search-value-malformed'],
    ['Consent', '_summary=yes', 'search-value-malformed'],
    ['Consent', '_total=some', 'search-value-malformed'],
    ['Consent', '_include=*', 'search-value-malformed'],
    ['Consent', '_include:iterate=Consent:patient', 'search-value-malformed'],
    ['Consent', '_include=Consent:actor', 'search-value-malformed'],
    ['Patient', '_include=Consent:patient', 'search-value-malformed'],
    ['Patient', '_revinclude=*', 'search-value-malformed'],
    ['Consent', '_revinclude=Consent:patient', 'search-value-malformed'],
    ['Consent', '_lastUpdated=gt9999-99-99', 'search-value-malformed'],
    ['Consent', 'date=ap2026', 'search-value-malformed'],
    ['Consent', 'date=2026,2027', 'search-value-malformed'],
    ['Consent', '_id=a%00b', 'search-value-malformed'],
    ['Organization', 'name=a%00b', 'search-value-malformed'],
    ['Organization', 'name=a%01b', 'search-value-malformed'],
    ['Consent', "patient=p'--", 'search-value-malformed'],
    ['Binary', 'name=x', 'search-parameter-unknown'],
  ])('%s?%s', (type, query, code) => {
    expect(refusalOf(() => parse(type, query))).toMatchObject({ kind: 'malformed', codes: [code] });
  });

  it('names the parameter when its name is plain, and never echoes another', () => {
    expect(publicTextOf(() => parse('Consent', 'patinet=secret'))).toContain('patinet');
    expect(publicTextOf(() => parse('Consent', 'patinet=secret'))).not.toContain('secret');
    expect(publicTextOf(() => parse('Consent', '<script>=x'))).not.toContain('script');
  });

  it('has another format than JSON', () => {
    expect(refusalOf(() => parse('Consent', '_format=xml'))?.kind).toBe('not-acceptable');
  });

  it('has more parameters or values than anyone needs', () => {
    const many = (length: number, word: string) => Array.from({ length }, () => word);
    expect(refusalOf(() => parse('Consent', many(51, 'status=active').join('&')))?.codes).toEqual(['search-too-long']);
    expect(refusalOf(() => parse('Consent', many(50, 'status=active').join('&')))).toBeUndefined();
    expect(refusalOf(() => parse('Consent', `_id=${many(101, 'a').join(',')}`))?.codes).toEqual([
      'search-value-malformed',
    ]);
    expect(refusalOf(() => parse('Consent', `_id=${many(100, 'a').join(',')}`))).toBeUndefined();
  });
});

describe('a BSN', () => {
  it.each([
    ['Patient', `identifier=${BSN}|900186021`, 'identifier'],
    ['Patient', 'identifier=900186021', 'identifier'],
    ['Consent', `patient.identifier=${BSN}|900186021`, 'patient.identifier'],
    ['Consent', 'patient.identifier=900186021', 'patient.identifier'],
    ['AuditEvent', `patient.identifier=${BSN}|900186021`, 'patient.identifier'],
  ])('may be searched for in a body, not in a URL: %s?%s', (type, query, param) => {
    const request = parse(type, `${query}&_count=5`, 'body');
    expect(request.filters).toEqual([{ kind: 'bsn', param, values: ['900186021'] }]);
    expect(request.self).toEqual([['_count', '5']]);
    expect(refusalOf(() => parse(type, query, 'url'))).toMatchObject({ kind: 'malformed', codes: ['bsn-in-url'] });
    expect(publicTextOf(() => parse(type, query, 'url'))).not.toContain('900186021');
  });

  it.each([
    ['Patient', 'name=900186021'],
    ['Consent', 'patient=900186021'],
    ['Consent', '_id=a,900186021'],
    ['Organization', 'identifier=urn:x|900186021'],
    ['Consent', 'nonsense=900186021'],
  ])('is refused anywhere else: %s?%s', (type, query) => {
    expect(refusalOf(() => parse(type, query, 'url'))?.codes).toEqual(['bsn-in-url']);
    expect(refusalOf(() => parse(type, query, 'body'))?.kind).toBe('malformed');
  });

  it.each([
    ['Patient', `identifier=${BSN}|123456789`, 'bsn-invalid'],
    ['Patient', `identifier=${BSN}|`, 'bsn-invalid'],
    ['Patient', `identifier=900186021,urn:x|7`, 'search-value-malformed'],
    ['Patient', `identifier:not=${BSN}|900186021`, 'search-modifier-unknown'],
    ['Consent', 'patient.identifier=urn:x|7', 'search-value-malformed'],
  ])('that is none, or not alone, is refused in a body too: %s?%s', (type, query, code) => {
    expect(refusalOf(() => parse(type, query, 'body'))?.codes).toEqual([code]);
  });

  it('is not seen in what only looks like one', () => {
    const query = 'identifier=http://fhir.nl/fhir/NamingSystem/ura|00000659';
    expect(refusalOf(() => parse('Organization', query))).toBeUndefined();
    expect(refusalOf(() => parse('Consent', '_id=00000000-0000-4000-8000-a90018602100'))).toBeUndefined();
  });
});

it('is never answered by anything but a Problem, whatever comes in', () => {
  const name = fc.oneof(
    fc.constantFrom('patient', 'status', 'name:contains', 'date', '_sort', '_id', '_count', '_include', 'identifier'),
    fc.string(),
  );
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\\', '|', ',', '$', '2026', 'ge', 'Patient/'));
  const types = fc.constantFrom('Patient', 'Consent', 'Organization', 'AuditEvent', '__proto__');
  fc.assert(
    fc.property(types, fc.array(fc.tuple(name, value)), fc.constantFrom('url', 'body'), (type, pairs, via) => {
      try {
        parseSearch(conformance, type, pairs, via);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }),
  );
});
