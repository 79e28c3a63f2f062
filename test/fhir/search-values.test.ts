import { consentOf } from '../../src/fhir/consent-resource.ts';
import { exactText } from '../../src/fhir/search-text.ts';
import { searchValues } from '../../src/fhir/search-values.ts';
import { madeRules, readSearchRules } from './search-rules.ts';

const conformance = readSearchRules();
const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA = 'http://fhir.nl/fhir/NamingSystem/ura';

describe('what a resource is found by', () => {
  it('a Consent: patient, status, category, origin, moment', () => {
    const consent = consentOf({
      id: 'c',
      status: 'active',
      patient: 'Patient/p',
      performer: 'Patient/p',
      organization: 'Organization/gp',
      holder: { kind: 'category', code: 'HA' },
      category: 'GGC002',
      answers: [],
      dateTime: Date.UTC(2026, 2, 1, 10),
      origin: 'portal',
      catalogueVersion: '3960100',
    });
    const system = 'http://fhir.nl/otv/CodeSystem/gegevenscategorie';
    expect(searchValues(conformance, consent)).toEqual({
      patient: ['Patient/p'],
      organization: ['Organization/gp'],
      status: ['active', '|active'],
      category: ['GGC002', `${system}|GGC002`, `${system}|`],
      origin: ['portal', '|portal'],
      date: [{ from: Date.UTC(2026, 2, 1, 10), to: Date.UTC(2026, 2, 1, 10) + 1 }],
    });
  });

  it('an Organization: number, folded name, types', () => {
    const organization = {
      resourceType: 'Organization',
      active: true,
      identifier: [{ system: URA, value: '00000659' }],
      name: 'Huisartsenpraktijk Édèl',
      type: [{ coding: [{ code: 'Z3' }, { code: 'H1' }] }],
    };
    expect(searchValues(conformance, organization)).toEqual({
      active: ['true', '|true'],
      identifier: ['00000659', `${URA}|00000659`, `${URA}|`],
      name: ['huisartsenpraktijk edel', exactText('Huisartsenpraktijk Édèl')],
      type: ['Z3', '|Z3', 'H1', '|H1'],
    });
  });

  it('a Patient: birth date at its own precision and every part of the name, never the BSN', () => {
    const patient = {
      resourceType: 'Patient',
      identifier: [{ system: BSN, value: '900186021' }, { value: '900186021' }, { system: 'urn:x', value: '7' }],
      birthDate: '2012-03',
      name: [{ family: 'Test', given: ['Ada', 'Bo'] }],
    };
    const values = searchValues(conformance, patient);
    expect(values).toMatchObject({
      identifier: ['7', 'urn:x|7', 'urn:x|'],
      birthdate: [{ from: Date.UTC(2012, 2, 1), to: Date.UTC(2012, 3, 1) }],
      family: ['test', exactText('Test')],
      name: ['test', exactText('Test'), 'ada', exactText('Ada'), 'bo', exactText('Bo')],
    });
    expect(JSON.stringify(values)).not.toContain('900186021');
  });

  it.each([
    ['an identifier instead of a reference', { identifier: { system: BSN, value: '900186021' } }],
    ['a contained resource', { reference: '#p' }],
    ['another server', { reference: 'https://elsewhere.example/fhir/Patient/p' }],
    ['something not yet known', { reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' }],
  ])('a reference to %s is not searched', (_, patient) => {
    expect(searchValues(conformance, { resourceType: 'Consent', patient })).toEqual({});
  });

  it('a Period runs from its start to its end, and is open where one is missing', () => {
    const made = madeRules([{ code: 'during', type: 'date', expression: 'Basic.extension.value' }]);
    const during = (valuePeriod: object) =>
      searchValues(made, { resourceType: 'Basic', extension: [{ url: 'urn:x', valuePeriod }] });
    const [day, next] = [Date.UTC(2026, 2, 1), Date.UTC(2026, 2, 2)];
    const both = { start: '2026-03-01', end: '2026-03-01' };
    expect(during(both)).toEqual({ during: [{ from: day, to: next }] });
    expect(during({ start: '2026-03-01' })).toEqual({ during: [{ from: day, to: 8.64e15 }] });
    expect(during({ end: '2026-03-01' })).toEqual({ during: [{ from: -8.64e15, to: next }] });
    expect(during({ id: 'none' })).toEqual({});
  });

  it('a versioned reference is found without its version', () => {
    const consent = { resourceType: 'Consent', patient: { reference: 'Patient/p/_history/3' } };
    expect(searchValues(conformance, consent)).toEqual({ patient: ['Patient/p'] });
  });

  it.each([[{ resourceType: 'Binary' }], [{ resourceType: 'constructor' }], [{}], [null], ['text']])(
    '%j: nothing',
    (value) => {
      expect(searchValues(conformance, value)).toEqual({});
    },
  );
});
