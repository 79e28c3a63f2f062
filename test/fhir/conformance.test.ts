import type { ElementDefinition, Resource } from '@medplum/fhirtypes';
import { createRequire } from 'node:module';
import { codeSetOf, loadConformance } from '../../src/fhir/conformance.ts';
import { validate } from '../../src/fhir/validate.ts';
import { readArtefacts } from '../profiles/read-artefacts.ts';
import { ownConformance } from './conformance-of-profiles.ts';
import { basicProfile, element, extensionProfile } from './hand-made-profile.ts';

const basic: unknown = createRequire(import.meta.url)('hl7.fhir.r4.examples/StructureDefinition-Basic.json');
const r4 = [...readArtefacts('r4').values(), basic];
const SYSTEM = 'http://a.example/colours';
const colours: Resource = {
  resourceType: 'CodeSystem',
  url: SYSTEM,
  status: 'active',
  content: 'complete',
  concept: [
    { code: 'warm', concept: [{ code: 'red', concept: [{ code: 'scarlet' }] }, { code: 'orange' }] },
    { code: 'blue', property: [{ code: 'mood', valueCode: 'sad' }] },
  ],
};
type Compose = NonNullable<Extract<Resource, { resourceType: 'ValueSet' }>['compose']>;
const valueSet = (name: string, compose: Compose): Resource => {
  return { resourceType: 'ValueSet', url: `http://a.example/${name}`, status: 'active', compose };
};
const bound = (name: string) => ({ binding: { strength: 'required' as const, valueSet: `http://a.example/${name}` } });
const load = (elements: readonly ElementDefinition[], ...more: readonly Resource[]) =>
  loadConformance([...r4, colours, ...more, basicProfile(...elements)]);
const issuesOf = (elements: readonly ElementDefinition[], value: object, ...more: readonly Resource[]): string[] =>
  validate(load(elements, ...more), 'Basic', { resourceType: 'Basic', code: { text: 'x' }, ...value }).map(
    ({ code, expression }) => `${code} ${expression ?? ''}`,
  );
const code = element('Basic.code', 'CodeableConcept', 1, '1');

describe('loadConformance', () => {
  it.each([
    [
      'a binding to a ValueSet that is not there',
      [element('Basic.code', 'CodeableConcept', 1, '1', bound('none'))],
      /The binding of Basic.code cannot be resolved: ValueSet .*none/,
    ],
    [
      'a rule that cannot be read',
      [element('Basic.code', 'CodeableConcept', 1, '1', { rule: 'a.b = ' })],
      /own-1 of Basic.code cannot be compiled/,
    ],
    [
      'a rule with a function nobody knows',
      [element('Basic.code', 'CodeableConcept', 1, '1', { rule: 'frobnicate()' })],
      /own-1 of Basic.code cannot be compiled/,
    ],
    [
      'a rule that needs another resource',
      [element('Basic.code', 'CodeableConcept', 1, '1', { rule: 'coding.resolve().exists()' })],
      /own-1 of Basic.code needs what only a server/,
    ],
    ['a type that is not there', [element('Basic.code', 'Frob', 1, '1')], /StructureDefinition .*Frob is not there/],
    ['an element that belongs nowhere', [element('Basic.a.b', 'string', 1, '1')], /places Basic.a.b nowhere/],
    [
      'a slice that nothing tells apart',
      [
        element('Basic.identifier', 'Identifier', 0, '*', {
          slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'system' }] },
        }),
        element('Basic.identifier:a', 'Identifier', 0, '1', { sliceName: 'a', base: '*' }),
      ],
      /Slice Basic.identifier:a cannot be told apart by system/,
    ],
    [
      'a slice told apart by a profile',
      [
        element('Basic.identifier', 'Identifier', 0, '*', {
          slicing: { rules: 'open', discriminator: [{ type: 'profile', path: '$this' }] },
        }),
        element('Basic.identifier:a', 'Identifier', 0, '1', { sliceName: 'a', base: '*' }),
      ],
      /Slice Basic.identifier:a is told apart by profile/,
    ],
  ] as const)('refuses %s', (_, elements, sentence) => {
    expect(() => load(elements)).toThrow(sentence);
  });

  it('refuses one URL twice', () => {
    expect(() => load([code], colours)).toThrow(/CodeSystem http:\/\/a.example\/colours is there twice/);
  });

  it('refuses a search expression that cannot be read', () => {
    const broken = {
      resourceType: 'SearchParameter',
      url: 'http://a.example/s',
      code: 's',
      base: ['Basic'],
      expression: 'a.',
    };
    expect(() => loadConformance([broken])).toThrow(/search parameter http:\/\/a.example\/s cannot be compiled/);
  });

  it('refuses a profile of a type whose own definition is not there', () => {
    expect(() => loadConformance([...readArtefacts('r4').values(), basicProfile(code)])).toThrow(/Basic is not there/);
  });

  it('accepts a profile that refers to nothing strange', () => {
    expect(load([code]).profiles.get('Basic')).toHaveLength(1);
  });

  it('ignores what is no conformance resource', () => {
    expect(loadConformance([null, 1, { resourceType: 'Patient' }]).profiles.size).toBe(0);
  });

  it('finds search values by compiled expressions', () => {
    const rule = ownConformance().searchRules.get('Consent')?.get('status');
    expect(rule?.extract({ resourceType: 'Consent', status: 'active' })).toEqual(['active']);
  });
});

describe('codeSetOf', () => {
  const sets: readonly [what: string, compose: Compose, members: string][] = [
    ['listed codes', { include: [{ system: SYSTEM, concept: [{ code: 'red' }] }] }, 'red'],
    ['a whole system with all levels', { include: [{ system: SYSTEM }] }, 'warm red scarlet orange blue'],
    [
      'what is a code or below it',
      { include: [{ system: SYSTEM, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }] },
      'red scarlet',
    ],
    [
      'what is below a code',
      { include: [{ system: SYSTEM, filter: [{ property: 'concept', op: 'descendent-of', value: 'warm' }] }] },
      'red scarlet orange',
    ],
    [
      'what has a property',
      { include: [{ system: SYSTEM, filter: [{ property: 'mood', op: '=', value: 'sad' }] }] },
      'blue',
    ],
    ['another set', { include: [{ valueSet: ['http://a.example/two|1'] }] }, 'red blue'],
    [
      'a system within another set',
      {
        include: [
          {
            system: SYSTEM,
            filter: [{ property: 'concept', op: 'is-a', value: 'warm' }],
            valueSet: ['http://a.example/two'],
          },
        ],
      },
      'red',
    ],
    [
      'all but some',
      { include: [{ system: SYSTEM }], exclude: [{ system: SYSTEM, concept: [{ code: 'red' }, { code: 'blue' }] }] },
      'warm scarlet orange',
    ],
  ];
  const two = valueSet('two', { include: [{ system: SYSTEM, concept: [{ code: 'red' }, { code: 'blue' }] }] });

  it.each(sets)('holds %s', (_, compose, members) => {
    const codes = codeSetOf(load([code], two, valueSet('one', compose)), 'http://a.example/one');
    const all = ['warm', 'red', 'scarlet', 'orange', 'blue', 'green'];
    expect(all.filter((candidate) => codes.has(candidate, SYSTEM)).join(' ')).toBe(members);
    expect(all.filter((candidate) => codes.has(candidate)).join(' ')).toBe(members);
    expect(all.filter((candidate) => codes.has(candidate, 'http://b.example'))).toEqual([]);
  });

  it('knows media types and languages by their grammar', () => {
    const codes = codeSetOf(
      load([code], valueSet('one', { include: [{ system: 'urn:ietf:bcp:13' }] })),
      'http://a.example/one',
    );
    expect(['text/plain', 'application/fhir+json', 'plain', '/x'].map((item) => codes.has(item))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    [
      'a system that is not there',
      { include: [{ system: 'http://b.example' }] },
      /CodeSystem http:\/\/b.example is not there/,
    ],
    ['a set made of itself', { include: [{ valueSet: ['http://a.example/one'] }] }, /made of itself/],
    ['an empty include', { include: [{}] }, /is empty/],
    [
      'a filter nobody knows',
      { include: [{ system: SYSTEM, filter: [{ property: 'concept', op: 'regex', value: 'a' }] }] },
      /concept regex is not supported/,
    ],
  ] as const)('refuses %s', (_, compose, sentence) => {
    const conformance = load([code], valueSet('one', compose as unknown as Compose));
    expect(() => codeSetOf(conformance, 'http://a.example/one')).toThrow(sentence);
  });
});

describe('a compiled profile', () => {
  const sliced = [
    code,
    element('Basic.identifier', 'Identifier', 0, '*', {
      slicing: { rules: 'closed', discriminator: [{ type: 'value', path: 'system' }] },
    }),
    element('Basic.identifier:one', 'Identifier', 1, '1', { sliceName: 'one', base: '*' }),
    element('Basic.identifier:one.system', 'uri', 1, '1', { fixedUri: 'http://one.example' }),
    element('Basic.identifier:one.value', 'string', 1, '1', { rule: "matches('^[0-9]+$')" }),
    element('Basic.identifier:two', 'Identifier', 0, '1', {
      sliceName: 'two',
      base: '*',
      patternIdentifier: { system: 'http://two.example' },
    }),
  ];
  const one = { system: 'http://one.example', value: '1' };
  const two = { system: 'http://two.example' };

  it.each([
    ['accepts values of its slices', [one, two], []],
    ['refuses a value of none', [one, { system: 'http://three.example' }], ['slice-unknown Basic.identifier[1]']],
    ['refuses too many of one', [one, two, two], ['element-too-many Basic.identifier']],
    ['refuses to miss a required one', [two], ['element-missing Basic.identifier']],
    ['checks a value by its own slice', [two, { ...one, value: 'x' }], ['own-1 Basic.identifier[1].value']],
  ])('%s', (_, identifier, refused) => expect(issuesOf(sliced, { identifier })).toEqual(refused));

  const choice = extensionProfile(
    'chosen',
    element('Extension.value[x]', '', 1, '1', { type: [{ code: 'code' }, { code: 'Period' }] }),
  );
  const url = 'https://akkoord.example/fhir/StructureDefinition/chosen';
  const extended = [
    element('Basic.extension', 'Extension', 0, '*', {
      slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'url' }] },
    }),
    element('Basic.extension:chosen', '', 0, '1', {
      sliceName: 'chosen',
      base: '*',
      type: [{ code: 'Extension', profile: [url] }],
    }),
    code,
  ];

  it.each([
    ['one type of a choice', { url, valueCode: 'a' }, []],
    ['another type of a choice', { url, valuePeriod: { start: '2026' } }, []],
    [
      'a type that is not offered',
      { url, valueString: 'a' },
      ['type-wrong Basic.extension[0].value', 'element-missing Basic.extension[0].value'],
    ],
    [
      'two types at once',
      { url, valueCode: 'a', valuePeriod: { start: '2026' } },
      ['element-too-many Basic.extension[0].value'],
    ],
    ['no value', { url }, ['element-missing Basic.extension[0].value']],
    [
      'an extension that is not listed',
      { url: 'http://a.example', valueCode: 'a' },
      ['extension-unknown Basic.extension[0]'],
    ],
  ])('answers %s', (_, extension, refused) => {
    expect(issuesOf(extended, { extension: [extension] }, choice)).toEqual(refused);
  });

  it.each([
    ['a coding of the set', { coding: [{ system: SYSTEM, code: 'red' }] }, []],
    ['one coding of the set among others', { coding: [{ code: 'x' }, { system: SYSTEM, code: 'red' }] }, []],
    [
      'a code of another system',
      { coding: [{ system: 'http://b.example', code: 'red' }] },
      ['code-unknown Basic.code'],
    ],
    ['a code without system', { coding: [{ code: 'red' }] }, ['code-unknown Basic.code']],
    ['words without code', { text: 'red' }, ['code-unknown Basic.code']],
  ])('answers %s', (_, concept, refused) => {
    const elements = [element('Basic.code', 'CodeableConcept', 1, '1', bound('one'))];
    expect(issuesOf(elements, { code: concept }, valueSet('one', { include: [{ system: SYSTEM }] }))).toEqual(refused);
  });

  it.each([
    ['a reference to the type', { reference: 'Patient/a' }, []],
    ['a reference to a version', { reference: 'Patient/a/_history/1' }, []],
    ['an absolute reference', { reference: 'https://a.example/fhir/Patient/a' }, []],
    ['a reference within a transaction', { reference: 'urn:uuid:7c1f5f2e-6d2d-4a0c-9f43-0d4e1b0d8d01' }, []],
    ['a reference to another type', { reference: 'Group/a' }, ['reference-type Basic.subject.reference']],
    ['a type that contradicts', { type: 'Group', identifier: { value: 'a' } }, ['reference-type Basic.subject.type']],
    [
      'a search in place of a reference',
      { reference: 'Patient?name=a' },
      ['reference-invalid Basic.subject.reference'],
    ],
    ['a contained reference', { reference: '#a' }, ['reference-invalid Basic.subject.reference']],
  ])('answers %s', (_, subject, refused) => {
    const type = [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] }];
    expect(issuesOf([code, element('Basic.subject', '', 0, '1', { type })], { subject })).toEqual(refused);
  });
});
