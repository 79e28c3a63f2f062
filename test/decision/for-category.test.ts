import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { EMPTY_PROFILE } from '../../src/decision/consent-profile.ts';
import { decide } from '../../src/decision/decide.ts';
import { mayShareByAnswers } from '../../src/decision/decide-for-category.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { anyProfile, askableQuestion } from './random-profiles.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const RUNS = Math.min(3_000, Number(process.env['EVALUATOR_RUNS'] ?? 3_000));
/** An organisation that no profile names. */
const NAMED_BY_NOBODY = '90009999';

const holds = <T extends unknown[]>(property: fc.IPropertyWithHooks<T>) => fc.assert(property, { numRuns: RUNS });

describe('what stands for a category of requesters', () => {
  it('is what a question for an organisation of it that nobody named is answered, grants left aside', () => {
    holds(
      fc.property(anyProfile, askableQuestion, (profile, { holder, requester, purpose, at }) => {
        const category = catalogue.organisationTypes.get(requester.type)?.requesterCategory;
        fc.pre(category !== undefined);
        const asked = { holder, requester: { ...requester, ura: NAMED_BY_NOBODY }, purpose, at };
        const decision = decide(catalogue, asked, { ...profile, grants: [] });
        const isPermit = typeof decision !== 'string' && decision.decision === 'permit';
        expect(mayShareByAnswers(catalogue, holder, { category }, profile)).toBe(isPermit);
      }),
    );
  });

  it('is, for an organisation of it, what a question for that one is answered, grants left aside', () => {
    holds(
      fc.property(anyProfile, askableQuestion, (profile, { holder, requester, purpose, at }) => {
        const category = catalogue.organisationTypes.get(requester.type)?.requesterCategory;
        fc.pre(category !== undefined);
        const decision = decide(catalogue, { holder, requester, purpose, at }, { ...profile, grants: [] });
        const isPermit = typeof decision !== 'string' && decision.decision === 'permit';
        expect(mayShareByAnswers(catalogue, holder, { category, ura: requester.ura }, profile)).toBe(isPermit);
      }),
    );
  });

  it.each(['ZZZ', 'insurer'])('is nothing for a holder of type %s, that holds nothing', (type) => {
    const answer = {
      holder: { kind: 'organisation', ura: '00000659' },
      requester: { kind: 'category', code: 'RPZAC001' },
      decision: 'permit',
      dataCategory: 'GGC002',
      authority: 'citizen',
      pending: false,
      recordedAt: 0,
      source: 'Consent/a/_history/1',
    } as const;
    const profile = { ...EMPTY_PROFILE, answers: [answer] };
    const may = (holderType: string) =>
      mayShareByAnswers(catalogue, { ura: '00000659', type: holderType }, { category: 'RPZAC001' }, profile);
    expect([may('Z3'), may(type)]).toEqual([true, false]);
  });
});
