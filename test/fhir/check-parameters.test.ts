import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { readCheck } from '../../src/fhir/check-parameters.ts';
import { Problem } from '../../src/problem.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { parametersLike } from './arbitrary-parameters.ts';
import { publicTextOf, refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const TYPES = 'http://nictiz.nl/fhir/NamingSystem/organization-type';
const DATA = 'http://fhir.nl/otv/CodeSystem/gegevenscategorie';
const PURPOSES = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const OUTSIDE = 'https://akkoord.example/fhir/CodeSystem/outside-care-type';

const PATIENT = {
  name: 'patient',
  valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '900186021' },
};
const HOLDER = {
  name: 'holder',
  valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00000659' },
};
const REQUESTER = { name: 'requester', valueIdentifier: { value: '00014332' } };
const QUESTION = [PATIENT, HOLDER, REQUESTER];
const coding = (name: string, code: unknown, system?: string) => ({
  name,
  valueCoding: system === undefined ? { code } : { system, code },
});
const body = (...parameter: unknown[]) => ({ resourceType: 'Parameters', parameter });
const read = (...parameter: unknown[]) => readCheck(catalogue, body(...parameter));

describe('the input of $check', () => {
  it('is a patient, a holder and a requester at least', () => {
    expect(read(...QUESTION)).toEqual({
      shape: 'single',
      items: [
        {
          bsn: '900186021',
          holder: { ura: '00000659' },
          requester: { ura: '00014332' },
          dataCategories: [],
          purpose: 'TREAT',
          detail: 'full',
        },
      ],
    });
  });

  it('may hold everything else', () => {
    const call = read(
      coding('holderType', 'Z3', TYPES),
      coding('requesterType', 'insurer', OUTSIDE),
      coding('dataCategory', 'GGC013', DATA),
      coding('purpose', 'COC', PURPOSES),
      coding('requesterRole', '01.015', 'http://fhir.nl/fhir/NamingSystem/uzi-rolcode'),
      { name: 'professional', valueIdentifier: { value: '000001111' } },
      { name: 'mandated', valueIdentifier: { value: '000002222' } },
      { name: 'at', valueInstant: '2026-03-01T10:00:00Z' },
      { name: 'knownAt', valueInstant: '2026-03-01T10:00:00.5+01:00' },
      { name: 'detail', valueCode: 'basic' },
      ...QUESTION,
    );
    expect(call.items).toEqual([
      {
        bsn: '900186021',
        holder: { ura: '00000659', type: 'Z3' },
        requester: { ura: '00014332', type: 'insurer' },
        dataCategories: ['GGC013'],
        purpose: 'COC',
        requesterRole: '01.015',
        professional: '000001111',
        mandated: '000002222',
        at: Date.UTC(2026, 2, 1, 10),
        knownAt: Date.UTC(2026, 2, 1, 9, 0, 0, 500),
        detail: 'basic',
      },
    ]);
  });

  it('may leave out the system of a code that is known', () => {
    const call = read(
      ...QUESTION,
      coding('holderType', 'Z3'),
      coding('dataCategory', 'GGC002'),
      coding('purpose', 'TREAT'),
    );
    expect(call.items).toMatchObject([{ holder: { type: 'Z3' }, dataCategories: ['GGC002'], purpose: 'TREAT' }]);
  });

  it('may name several data categories', () => {
    const call = read(...QUESTION, coding('dataCategory', 'GGC013'), coding('dataCategory', 'GGC002'));
    expect(call).toMatchObject({ shape: 'several', items: [{ dataCategories: ['GGC013', 'GGC002'] }] });
  });
});

const THIRD = 'Parameters.parameter[3]';

describe('a question that cannot be asked', () => {
  it.each<[string, unknown, string, string, string]>([
    ['a holder type nobody knows', coding('holderType', 'ZZZ', TYPES), 'invalid', 'unknown-holder-type', 'valueCoding'],
    [
      'a holder type of another system',
      coding('holderType', 'Z3', 'urn:x'),
      'invalid',
      'unknown-holder-type',
      'valueCoding',
    ],
    [
      'a requester type nobody knows',
      coding('requesterType', 'ZZZ'),
      'invalid',
      'unknown-requester-type',
      'valueCoding',
    ],
    [
      'a type outside care in the system of care',
      coding('requesterType', 'insurer', TYPES),
      'invalid',
      'unknown-requester-type',
      'valueCoding',
    ],
    ['a prototype as type', coding('requesterType', 'constructor'), 'invalid', 'unknown-requester-type', 'valueCoding'],
    [
      'a data category nobody knows',
      coding('dataCategory', 'GGC999', DATA),
      'invalid',
      'unknown-data-category',
      'valueCoding',
    ],
    [
      'a data category of another system',
      coding('dataCategory', 'GGC002', TYPES),
      'invalid',
      'unknown-data-category',
      'valueCoding',
    ],
    ['another purpose', coding('purpose', 'ETREAT', PURPOSES), 'invalid', 'unknown-purpose', 'valueCoding'],
    ['a purpose of another system', coding('purpose', 'TREAT', 'urn:x'), 'invalid', 'unknown-purpose', 'valueCoding'],
    ['a role of another system', coding('requesterRole', '01.015', 'urn:x'), 'invalid', 'unknown-role', 'valueCoding'],
    ['a malformed role', coding('requesterRole', '1.15'), 'malformed', 'role-invalid', 'valueCoding.code'],
    [
      'a malformed professional',
      { name: 'professional', valueIdentifier: { value: '12' } },
      'malformed',
      'uzi-invalid',
      'valueIdentifier.value',
    ],
    ['another detail', { name: 'detail', valueCode: 'all' }, 'invalid', 'unknown-detail', 'valueCode'],
    [
      'a day that does not exist',
      { name: 'at', valueInstant: '2026-02-30T10:00:00Z' },
      'malformed',
      'value-malformed',
      'valueInstant',
    ],
    [
      'a date instead of an instant',
      { name: 'at', valueInstant: '2026-02-20' },
      'malformed',
      'value-malformed',
      'valueInstant',
    ],
    ['a code that is a number', coding('dataCategory', 2), 'malformed', 'value-malformed', 'valueCoding'],
    [
      'a coding with an element nobody knows',
      { name: 'purpose', valueCoding: { code: 'TREAT', rank: 1 } },
      'malformed',
      'value-malformed',
      'valueCoding',
    ],
    ['a code where a coding belongs', { name: 'purpose', valueCode: 'TREAT' }, 'malformed', 'parameter-type', ''],
    [
      'a value beside the right one',
      { name: 'detail', valueCode: 'full', valueString: 'full' },
      'malformed',
      'parameter-type',
      '',
    ],
    ['a parameter without a value', { name: 'detail' }, 'malformed', 'parameter-type', ''],
    ['a parameter nobody knows', { name: 'purposes', valueCode: 'TREAT' }, 'malformed', 'parameter-unknown', ''],
    [
      'a parameter named like a prototype',
      { name: 'constructor', valueCode: 'x' },
      'malformed',
      'parameter-unknown',
      '',
    ],
    ['a parameter without a name', { valueCode: 'x' }, 'malformed', 'parameter-unknown', ''],
    ['null for a parameter', null, 'malformed', 'parameter-unknown', ''],
    ['a second patient', PATIENT, 'malformed', 'parameter-repeated', ''],
  ])('has %s', (_, parameter, kind, code, element) => {
    const expression = element === '' ? THIRD : `${THIRD}.${element}`;
    expect(refusalOf(() => read(...QUESTION, parameter))).toEqual({ kind, codes: [code], expressions: [expression] });
  });

  it.each(['patient', 'holder', 'requester'])('has no %s', (name) => {
    const refusal = refusalOf(() => read(...QUESTION.filter((parameter) => parameter.name !== name)));
    expect(refusal).toEqual({ kind: 'malformed', codes: ['parameter-missing'], expressions: ['Parameters'] });
  });

  it('asks the same data category twice', () => {
    const twice = [coding('dataCategory', 'GGC002'), coding('dataCategory', 'GGC002', DATA)];
    expect(refusalOf(() => read(...QUESTION, ...twice))?.codes).toEqual(['data-category-repeated']);
  });

  it.each(['000000000', '123456789', '90018602', '9001 86021', '٩٠٠١٨٦٠٢١', 'x'.repeat(5000)])(
    'has BSN %.12s',
    (value) => {
      const work = () => read({ name: 'patient', valueIdentifier: { value } }, HOLDER, REQUESTER);
      expect(refusalOf(work)?.kind).toBe('malformed');
      expect(publicTextOf(work)).not.toContain(value);
    },
  );

  it.each([
    ['a BSN that is a number', { value: 900186021 }, 'value-malformed'],
    ['a BSN of another system', { system: 'urn:x', value: '900186021' }, 'identifier-system'],
  ])('has %s', (_, valueIdentifier, code) => {
    expect(refusalOf(() => read({ name: 'patient', valueIdentifier }, HOLDER, REQUESTER))?.codes).toEqual([code]);
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{}],
    [{ resourceType: 'Consent' }],
    [{ resourceType: 'Parameters', parameter: {} }],
  ])('is not a list of parameters at all: %j', (value) => {
    expect(refusalOf(() => readCheck(catalogue, value))?.kind).toBe('malformed');
  });

  it.each(['implicitRules', 'modifierExtension', 'status'])('has the element %s', (key) => {
    expect(refusalOf(() => readCheck(catalogue, { ...body(...QUESTION), [key]: 'x' }))?.codes).toEqual([
      'element-unknown',
    ]);
  });

  it('says every parameter that is wrong, twenty at most', () => {
    const wrong = Array.from({ length: 30 }, () => ({ name: 'x' }));
    expect(refusalOf(() => read(...QUESTION, ...wrong.slice(0, 3)))?.codes).toHaveLength(3);
    expect(refusalOf(() => read(...QUESTION, ...wrong))?.codes).toHaveLength(20);
  });
});

describe('a batch of questions', () => {
  const request = (...part: unknown[]) => ({ name: 'request', part });

  it('is read one by one: a broken request breaks itself only', () => {
    const call = read(request(...QUESTION), request(PATIENT), request(...QUESTION, coding('dataCategory', 'GGC999')));
    expect(call).toMatchObject({ shape: 'batch', items: [{ bsn: '900186021' }, {}, {}] });
    const codes = call.items.map((item) => ('problem' in item ? item.problem.issues : []));
    expect(codes).toMatchObject([
      [],
      [
        { code: 'parameter-missing', expression: 'Parameters.parameter[1]' },
        { code: 'parameter-missing', expression: 'Parameters.parameter[1]' },
      ],
      [{ code: 'unknown-data-category', expression: 'Parameters.parameter[2].part[3].valueCoding' }],
    ]);
  });

  it('is the same item by item and together', () => {
    const call = read(request(...QUESTION), request(...QUESTION, coding('purpose', 'COC')));
    expect(call.items).toEqual([...read(...QUESTION).items, ...read(...QUESTION, coding('purpose', 'COC')).items]);
  });

  it('holds 500 requests, not 501', () => {
    const many = Array.from({ length: 500 }, () => request(...QUESTION));
    expect(read(...many).items).toHaveLength(500);
    expect(refusalOf(() => read(...many, request(...QUESTION)))).toMatchObject({
      kind: 'too-large',
      codes: ['batch-too-long'],
    });
  });

  it.each([
    ['a question beside its requests', [request(...QUESTION), PATIENT]],
    ['a request without parts', [request(...QUESTION), { name: 'request' }]],
  ])('may not have %s', (_, parameters) => {
    expect(refusalOf(() => read(...parameters))?.kind).toBe('malformed');
  });
});

it('is never answered by anything but a Problem, whatever comes in', () => {
  const anything = fc.oneof(
    fc.anything(),
    parametersLike(['patient', 'holder', 'dataCategory', 'request', 'at', 'detail']),
  );
  fc.assert(
    fc.property(anything, (value) => {
      try {
        readCheck(catalogue, value);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }),
  );
});
