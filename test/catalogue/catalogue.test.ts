import {
  allCells,
  buttonRequesters,
  covers,
  dataCategoryOfRow,
  hasQuestion,
  widestDataCategory,
} from '../../src/catalogue/look-up.ts';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { readCatalogueFiles } from './read-files.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const inCare = [...catalogue.organisationTypes.values()].filter((type) => type.system.includes('nictiz'));

describe('the catalogue of version 3960100', () => {
  it('says its version', () => {
    expect(catalogue.version).toBe('3960100');
  });

  it('is the same whatever the order of its files', () => {
    expect(readCatalogue(readCatalogueFiles().reverse())).toEqual(catalogue);
  });

  it('has 91 organisation types in care, each with a holder category and a requester category', () => {
    expect(inCare).toHaveLength(91);
    expect(inCare.filter((type) => !type.holderCategory || !type.requesterCategory)).toEqual([]);
  });

  it.each(['insurer', 'employer', 'company-doctor'])('knows %s and puts it in no category', (code) => {
    const type = catalogue.organisationTypes.get(code);
    expect(type).toMatchObject({ code, mayGrantEmergency: false });
    expect(type).not.toHaveProperty('holderCategory');
    expect(type).not.toHaveProperty('requesterCategory');
  });

  it.each([
    ['Z3', 'HA', 'RPZAC001'],
    ['N6', 'HA', 'RPZAC001'],
    ['J8', 'APO', 'RPZAC005'],
    ['K9', 'APO', 'RPZAC005'],
    ['V4', 'ZKH', 'RPZAC104'],
    ['V7', 'ZKH', 'RPZAC104'],
    ['L1', 'LAB', 'RPZAC104'],
    ['G5', 'GGZ', 'RPZAC003'],
    ['R5', 'VVT', 'RPZAC004'],
    ['T2', 'VVT', 'RPZAC004'],
    ['TA2', 'OVR', 'RPZAC103'],
  ])('puts type %s in holder category %s and requester category %s', (code, holderCategory, requesterCategory) => {
    expect(catalogue.organisationTypes.get(code)).toMatchObject({ holderCategory, requesterCategory });
  });

  it('lets five types of organisation record an emergency grant, and no other', () => {
    const granting = [...catalogue.organisationTypes.values()].filter((type) => type.mayGrantEmergency);
    expect(granting.map((type) => type.code).sort()).toEqual(['AMB', 'N6', 'V4', 'V5', 'V6']);
  });

  it.each([
    ['a GP practice', ['Z3'], ['RPZAC001', 'RPZAC104', 'RPZAC005']],
    ['a hospital', ['V4'], ['RPZAC001', 'RPZAC104', 'RPZAC005']],
    ['a pharmacy that is a GP practice too', ['J8', 'Z3'], ['RPZAC001', 'RPZAC104', 'RPZAC005']],
    ['a pharmacy', ['J8'], []],
    ['an insurer', ['insurer'], []],
    ['a type that does not exist', ['ZZZ'], []],
  ])('knows about whom %s may record with its button', (_name, types, expected) => {
    expect(buttonRequesters(catalogue, types)).toEqual(expected);
  });

  it('has 34 questions that ask 42 different cells', () => {
    expect(catalogue.questions).toHaveLength(34);
    expect(new Set(allCells(catalogue).map((cell) => cell.join(' ')))).toHaveProperty('size', 42);
  });

  it('asks a merged question as one choice over several cells', () => {
    const question = catalogue.questions.find(({ id }) => id === 'T019');
    expect(question?.requesterCategories).toEqual(['RPZAC001', 'RPZAC104', 'RPZAC003', 'RPZAC004']);
  });

  it.each([
    ['HA', 6, 'GGC002'],
    ['APO', 6, 'GGC013'],
    ['ZKH', 6, 'GGC002'],
    ['VVT', 6, 'GGC002'],
    ['LAB', 6, 'GGC012'],
    ['GGZ', 6, 'GGC002'],
    ['OVR', 6, 'GGC002'],
  ])('gives holder category %s a row of %d cells about %s', (code, cells, dataCategory) => {
    expect(catalogue.holderCategories.get(code)?.requesterCategories).toHaveLength(cells);
    expect(dataCategoryOfRow(catalogue, code)).toBe(dataCategory);
  });

  it('has no row for a holder category that does not exist', () => {
    expect(dataCategoryOfRow(catalogue, 'RPZAC001')).toBeUndefined();
  });

  it.each([
    ['HA', 'RPZAC005', true],
    ['HA', 'RPZAC200', false],
    ['XXX', 'RPZAC005', false],
  ])('about the cell %s to %s: asked is %s', (holder, requester, asked) => {
    expect(hasQuestion(catalogue, holder, requester)).toBe(asked);
  });

  it.each([
    ['GGC002', 'GGC002', true],
    ['GGC002', 'GGC012', true],
    ['GGC002', 'GGC013', true],
    ['GGC013', 'GGC002', false],
    ['GGC012', 'GGC013', false],
    ['GGC999', 'GGC999', false],
  ])('a yes for %s answers %s: %s', (given, asked, answered) => {
    expect(covers(catalogue, given, asked)).toBe(answered);
  });

  it('has one data category that contains all others; a catalogue without one says so', () => {
    expect(widestDataCategory(catalogue)).toBe('GGC002');
    const dataCategories = new Map([...catalogue.dataCategories].filter(([code]) => code !== 'GGC002'));
    expect(() => widestDataCategory({ ...catalogue, dataCategories })).toThrow(/contains all others/);
  });

  it('has a Dutch and an English name for everything', () => {
    const named = [
      ...catalogue.dataCategories.values(),
      ...catalogue.holderCategories.values(),
      ...catalogue.requesterCategories.values(),
      ...catalogue.organisationTypes.values(),
      ...catalogue.situations,
    ];
    expect(named.filter(({ names }) => !names.nl || !names.en)).toEqual([]);
    expect(catalogue.organisationTypes.get('TA2')?.names).toEqual({ nl: 'Tandartsenpraktijk', en: 'Dental practice' });
  });
});
