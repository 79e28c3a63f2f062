import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { decide } from '../../src/decision/decide.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { anyProfile, anyQuestion } from './random-profiles.ts';
import { decideSlowly } from './second-evaluator.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const numRuns = Number(process.env['EVALUATOR_RUNS'] ?? 100_000);
const seed = process.env['EVALUATOR_SEED'];

/** Every outcome a question can have, each rare enough to be missed by a generator that is too tame. */
const OUTCOMES = [
  'consent-given',
  'emergency-grant',
  'no-consent',
  'consent-refused',
  'data-category-not-covered',
  'minor-unconfirmed',
  'requester-not-eligible',
  'consent-unreadable',
  'unknown-holder-type',
  'unknown-requester-type',
  'unknown-data-category',
  'holder-not-in-care',
];

describe('the decision core and the second evaluator', () => {
  it('give the same decision, reason, grounds and next change to every citizen and question', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(anyProfile, anyQuestion, (profile, question) => {
        const expected = decideSlowly(catalogue, question, profile);
        const given = decide(catalogue, question, profile);
        const outcome = typeof expected === 'string' ? expected : expected.reason;
        met.set(outcome, (met.get(outcome) ?? 0) + 1);
        if (!isDeepStrictEqual(given, expected)) expect(given).toStrictEqual(expected);
      }),
      { numRuns, endOnFailure: numRuns < 10_000, ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
    if (numRuns >= 10_000) expect([...met.keys()].sort()).toEqual([...OUTCOMES].sort());
  }, 600_000);
});
