import { validate } from '../../src/fhir/validate.ts';
import { ownConformance } from './conformance-of-profiles.ts';
import { organization, patient } from './instances.ts';
import { changed, drop, put, set } from './refused-changes.ts';
import type { Change } from './refused-changes.ts';

const conformance = ownConformance();
const issuesOf = (type: 'Patient' | 'Organization', resource: unknown): string[] =>
  validate(conformance, type, resource).map(({ code, expression }) => `${code} ${expression ?? ''}`);
const TYPES = 'http://nictiz.nl/fhir/NamingSystem/organization-type';
const OUTSIDE = 'https://akkoord.example/fhir/CodeSystem/outside-care-type';
const type = (system: string, code: string) => ({ coding: [{ system, code }] });

const PATIENT: readonly Change[] = [
  drop('no BSN', '/identifier', 'element-missing Patient.identifier'),
  put('a BSN that fails the eleven-test', '/identifier/0/value', '900186022', 'akk-bsn-1 Patient.identifier[0]'),
  put(
    'a number of another system',
    '/identifier/0/system',
    'http://a.example',
    'value-fixed Patient.identifier[0].system',
  ),
  set(
    'two numbers',
    '/identifier/-',
    { system: 'http://a.example', value: '1' },
    'element-too-many Patient.identifier',
  ),
  put('an unknown gender', '/gender', 'x', 'code-unknown Patient.gender'),
  put('29 February of a common year', '/birthDate', '1981-02-29', 'date-invalid Patient.birthDate'),
  put('a birth date with a time', '/birthDate', '1980-02-29T10:00:00Z', 'date-invalid Patient.birthDate'),
  put('an unknown use of a name', '/name/0/use', 'stage', 'code-unknown Patient.name[0].use'),
  put('one given name where a list belongs', '/name/0/given', 'Anna', 'element-shape Patient.name[0].given'),
  put('a hole in a list', '/name/0/given/0', null, 'element-empty Patient.name[0].given[0]'),
  put('an empty name', '/name/0', {}, 'element-empty Patient.name[0]'),
  put('a blank name', '/name/0/family', ' ', 'element-invalid Patient.name[0].family'),
  put('a telecom without system', '/telecom/0', { value: 'a@b.example' }, 'cpt-2 Patient.telecom[0]'),
  set('an address', '/address', [{ city: 'Utrecht' }], 'element-forbidden Patient.address'),
  set('a death', '/deceasedBoolean', true, 'element-forbidden Patient.deceased'),
  set('a death of no type', '/deceasedColour', true, 'element-forbidden Patient.deceased'),
  set(
    'an extension of the birth date',
    '/_birthDate',
    { extension: [{ url: 'http://a.example', valueCode: 'a' }] },
    'extension-unknown Patient.birthDate.extension[0]',
  ),
  set('something beside an object', '/_name', [{ id: 'a' }], 'element-unknown Patient._name'),
  set('an unknown element', '/name/0/nick', 'Ans', 'element-unknown Patient.name[0].nick'),
  set('data in place of an element name', '/name/0/900186021', 'x', 'element-unknown Patient.name[0]'),
  set(
    'a script in the narrative',
    '/text',
    { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>' },
    'narrative-unsafe Patient.text.div',
  ),
  set(
    'a name valid until before it began',
    '/name/0/period',
    { start: '2020', end: '2019' },
    'period-reversed Patient.name[0].period',
  ),
  put('a word for a truth', '/active', 'true', 'type-wrong Patient.active'),
];

const ORGANIZATION: readonly Change[] = [
  drop('no URA', '/identifier', 'element-missing Organization.identifier'),
  put('a URA of seven digits', '/identifier/0/value', '0000659', 'akk-ura-1 Organization.identifier[0]'),
  put('a URA that is a number', '/identifier/0/value', 659, 'type-wrong Organization.identifier[0].value'),
  drop('no name', '/name', 'element-missing Organization.name'),
  drop('no type', '/type', 'element-missing Organization.type'),
  put('an unknown type', '/type/0', type(TYPES, 'ZZZ'), 'code-unknown Organization.type[0]'),
  put(
    'a type without system',
    '/type/0',
    { coding: [{ code: 'Z3' }] },
    'element-missing Organization.type[0].coding[0].system',
    'code-unknown Organization.type[0]',
  ),
  put('a type outside care', '/type/0', type(OUTSIDE, 'insurer'), 'code-unknown Organization.type[0]'),
  set('one type twice', '/type/-', type(TYPES, 'Z3'), 'akk-org-1 Organization'),
  set('an address', '/address', [{ city: 'Utrecht' }], 'element-forbidden Organization.address'),
  set('a whole it is part of', '/partOf', { reference: 'Organization/b' }, 'element-forbidden Organization.partOf'),
];

describe('the Patient profile', () => {
  it('accepts a patient', () => expect(issuesOf('Patient', patient())).toEqual([]));

  it.each([
    [
      'a patient of whom only the BSN is known',
      [
        { op: 'remove', path: '/name' },
        { op: 'remove', path: '/birthDate' },
      ],
    ],
    ['an incomplete birth date', [{ op: 'replace', path: '/birthDate', value: '1980' }]],
    ['29 February of a leap year', [{ op: 'replace', path: '/birthDate', value: '1980-02-29' }]],
    [
      'what the server wrote itself',
      [{ op: 'add', path: '/meta', value: { versionId: '1', lastUpdated: '2026-03-01T10:00:00.000Z' } }],
    ],
    [
      'a harmless narrative',
      [
        {
          op: 'add',
          path: '/text',
          value: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Anna</p></div>' },
        },
      ],
    ],
    ['an id beside a primitive', [{ op: 'add', path: '/_gender', value: { id: 'a' } }]],
  ] as const)('accepts %s', (_, patch) => expect(issuesOf('Patient', changed(patient(), patch))).toEqual([]));

  it.each(PATIENT)('refuses $rule', ({ patch, refused }) => {
    expect(issuesOf('Patient', changed(patient(), patch))).toEqual(refused);
  });
});

describe('the Organization profile', () => {
  it('accepts an organisation', () => expect(issuesOf('Organization', organization())).toEqual([]));

  it('accepts one of several types', () => {
    const patch = [{ op: 'add', path: '/type/-', value: type(TYPES, 'N6') }] as const;
    expect(issuesOf('Organization', changed(organization(), patch))).toEqual([]);
  });

  it.each(ORGANIZATION)('refuses $rule', ({ patch, refused }) => {
    expect(issuesOf('Organization', changed(organization(), patch))).toEqual(refused);
  });
});
