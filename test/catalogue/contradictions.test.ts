import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { Files } from './change-files.ts';

const TO_HOLDER = 'organisation-type-holder-category';
const TO_REQUESTER = 'organisation-type-requester-category';

/** What is done to the files, and what the refusal says. */
const contradictions: [sentence: string, change: (files: Files) => unknown, refusal: string][] = [
  [
    'a question about a holder category that does not exist',
    (files) => files.answer('T001', 'holder-category', 'HAP'),
    'Question T001 names holder-category HAP, which does not exist.',
  ],
  [
    'a question about a data category that does not exist',
    (files) => files.answer('T001', 'data-category', 'GGC999'),
    'Question T001 names data-category GGC999, which does not exist.',
  ],
  [
    'a question for a requester category that does not exist',
    (files) => files.answer('T001', 'requester-category', 'RPZAC999'),
    'Question T001 names requester-category RPZAC999, which does not exist.',
  ],
  [
    'a question for nobody',
    (files) => files.answer('T001', 'requester-category', null),
    'Question T001 has no requester-category.',
  ],
  [
    'a question with two holder categories',
    (files) => doubled(files.concept('consent-question', 'T001').property),
    'Question T001 names HA and HA where one code belongs.',
  ],
  [
    'a cell that two questions ask',
    (files) => files.answer('T002', 'requester-category', 'RPZAC001'),
    'Questions T001 and T002 both ask HA to RPZAC001.',
  ],
  [
    'a row with two data categories',
    (files) => files.answer('T008', 'data-category', 'GGC002'),
    'Questions T007 and T008 give holder category APO two data categories.',
  ],
  [
    'a holder category without a question',
    (files) => files.concepts('holder-category').push({ ...files.concept('holder-category', 'HA'), code: 'NEW' }),
    'Holder category NEW has no question.',
  ],
  [
    'a data category that contains itself',
    (files) => files.concept('data-category', 'GGC002').concept?.push(plain('GGC002')),
    'Code GGC002 of http://fhir.nl/otv/CodeSystem/gegevenscategorie contains itself.',
  ],
  [
    'a code that stands in its system twice',
    (files) => files.concepts('data-category').push(plain('GGC012')),
    'Code GGC012 of http://fhir.nl/otv/CodeSystem/gegevenscategorie stands there twice.',
  ],
  [
    'a code without an English name',
    (files) => (files.concept('holder-category', 'HA').designation = []),
    'Code HA has no English name.',
  ],
  [
    'a code without a Dutch name',
    (files) => (files.concept('holder-category', 'HA').display = ''),
    'Code HA has no display.',
  ],
  [
    'a type that no holder row mentions',
    (files) => drop(files, TO_HOLDER, 'Z3'),
    'organisation-type-holder-category has no row for organisation type Z3.',
  ],
  [
    'a type that no requester row mentions',
    (files) => drop(files, TO_REQUESTER, 'Z3'),
    'organisation-type-requester-category has no row for organisation type Z3.',
  ],
  [
    'a row for a type that does not exist',
    (files) => (files.row(TO_HOLDER, 'Z3').code = 'ZZZ'),
    'organisation-type-holder-category maps ZZZ, which does not exist.',
  ],
  [
    'a type with two rows',
    (files) => (files.row(TO_HOLDER, 'Z3').code = 'N6'),
    'organisation-type-holder-category maps organisation type N6 twice.',
  ],
  [
    'a row with two targets',
    (files) => doubled(files.row(TO_HOLDER, 'Z3').target),
    'Code Z3 of https://akkoord.example/fhir/ConceptMap/organisation-type-holder-category needs exactly one target.',
  ],
  [
    'a row to a category that does not exist',
    (files) => (files.row(TO_REQUESTER, 'Z3').target = [{ code: 'HA', equivalence: 'wider' }]),
    'organisation-type-requester-category maps organisation type Z3 to HA, which does not exist.',
  ],
  [
    'a type outside care that falls in a category',
    (files) => (files.row(TO_REQUESTER, 'insurer').target = [{ code: 'RPZAC103', equivalence: 'wider' }]),
    'organisation-type-requester-category maps insurer, a type outside care, to RPZAC103.',
  ],
  [
    'a type that is both in care and outside it',
    (files) => files.concepts('outside-care-type').push(plain('Z3')),
    'Organisation type Z3 is both in care and outside care.',
  ],
  [
    'an emergency type that does not exist',
    (files) => files.get('ValueSet', 'emergency-requester-type').compose.include[0]?.concept.push({ code: 'ZZZ' }),
    'Emergency type ZZZ does not exist or falls in no requester category.',
  ],
  [
    'a situation of a holder category that does not exist',
    (files) => files.answer('SIT001', 'holder-category', 'HAP', 'recording-situation'),
    'Situation SIT001 names holder-category HAP, which does not exist.',
  ],
  [
    'a situation of two holder categories',
    (files) => doubled(files.concept('recording-situation', 'SIT001').property),
    'Situation SIT001 names HA and HA where one code belongs.',
  ],
  [
    'a situation about nobody',
    (files) => files.answer('SIT002', 'requester-category', null, 'recording-situation'),
    'Situation SIT002 has no requester-category.',
  ],
  [
    'a situation about a cell without a question',
    (files) => files.answer('SIT002', 'requester-category', 'RPZAC200', 'recording-situation'),
    'Situation SIT002 is about ZKH to RPZAC200, without a question.',
  ],
  ['files of two versions', (files) => (files.get('CodeSystem', 'data-category').version = '1'), 'mixes versions'],
  [
    'an address that stands there twice',
    (files) => files.resources.push(files.get('CodeSystem', 'data-category')),
    'CodeSystem http://fhir.nl/otv/CodeSystem/gegevenscategorie stands in the catalogue twice.',
  ],
  ['nothing at all', (files) => files.resources.splice(0), 'The catalogue is empty.'],
];

describe('a catalogue that contradicts itself is refused, with the code by name', () => {
  it.each(contradictions)('%s', (_sentence, change, refusal) => {
    const files = new Files();
    change(files);
    expect(() => readCatalogue(files.resources)).toThrow(refusal);
  });

  it('and the same files unchanged are accepted', () => {
    expect(() => readCatalogue(new Files().resources)).not.toThrow();
  });

  it.each([
    ['a list', [[]], 'A catalogue resource is not an object.'],
    ['a resource without an address', [{ resourceType: 'CodeSystem' }], 'A resource has no url.'],
    ['one system only', new Files().resources.slice(0, 1), 'is not an object.'],
  ])('%s is no catalogue', (_sentence, resources, refusal) => {
    expect(() => readCatalogue(resources)).toThrow(refusal);
  });
});

function plain(code: string) {
  return { code, display: code, designation: [{ language: 'en', value: code }] };
}

function doubled(list: unknown[] | undefined): void {
  list?.push(...list.slice(0, 1));
}

function drop(files: Files, map: string, code: string): void {
  for (const group of files.get('ConceptMap', map).group) {
    group.element = group.element.filter((row) => row.code !== code);
  }
}
