import { REQUESTER_CATEGORY_SYSTEM } from '../../src/catalogue/catalogue.ts';
import { hasQuestion } from '../../src/catalogue/look-up.ts';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { Files } from './change-files.ts';

const TO_HOLDER = 'organisation-type-holder-category';
const TO_REQUESTER = 'organisation-type-requester-category';
const english = (value: string) => [{ language: 'en', value }];

describe('another catalogue version is other data', () => {
  it('moves the psychiatric ward to mental healthcare when its two rows say so', () => {
    const files = new Files();
    files.row(TO_HOLDER, 'V7').target = [{ code: 'GGZ', equivalence: 'wider' }];
    files.row(TO_REQUESTER, 'V7').target = [{ code: 'RPZAC003', equivalence: 'wider' }];
    const ward = readCatalogue(files.resources).organisationTypes.get('V7');
    expect(ward).toMatchObject({ holderCategory: 'GGZ', requesterCategory: 'RPZAC003' });
  });

  it('gains a European type and a question for it', () => {
    const catalogue = readCatalogue(withEuropeanProviders().resources);
    expect(catalogue.questions).toHaveLength(35);
    expect(hasQuestion(catalogue, 'HA', 'RPZAC200')).toBe(true);
    expect(hasQuestion(catalogue, 'APO', 'RPZAC200')).toBe(false);
    const type = catalogue.organisationTypes.get('EU1');
    expect(type).toMatchObject({ requesterCategory: 'RPZAC200', mayGrantEmergency: false });
    expect(type).not.toHaveProperty('holderCategory');
  });

  it('carries the version that all its files say', () => {
    const files = new Files();
    for (const resource of files.resources) resource.version = '4000000';
    expect(readCatalogue(files.resources).version).toBe('4000000');
  });
});

function withEuropeanProviders(): Files {
  const files = new Files();
  files.concepts('organisation-type').push({
    code: 'EU1',
    display: 'Zorgaanbieder in de EU',
    designation: english('Care provider in the EU'),
  });
  files.get('ConceptMap', TO_HOLDER).group[0]?.element.push({ code: 'EU1', target: [{ equivalence: 'unmatched' }] });
  files
    .get('ConceptMap', TO_REQUESTER)
    .group[0]?.element.push({ code: 'EU1', target: [{ code: 'RPZAC200', equivalence: 'wider' }] });
  const existing = files.concept('consent-question', 'T001').property ?? [];
  files.concepts('consent-question').push({
    code: 'T035',
    display: 'Mag uw huisarts uw behandelgegevens beschikbaar stellen aan zorgaanbieders in de EU?',
    designation: english('May your GP make your treatment data available to care providers in the EU?'),
    property: [
      ...existing.filter((item) => item.code !== 'requester-category'),
      { code: 'requester-category', valueCoding: { system: REQUESTER_CATEGORY_SYSTEM, code: 'RPZAC200' } },
    ],
  });
  return files;
}
