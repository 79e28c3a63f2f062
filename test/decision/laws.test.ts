import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { EMPTY_PROFILE, type Answer, type ConsentProfile, type Place } from '../../src/decision/consent-profile.ts';
import { decide } from '../../src/decision/decide.ts';
import type { Decision } from '../../src/decision/decision.ts';
import type { Question } from '../../src/decision/question.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { anyAnswer, anyGrant, anyMoment, anyProfile, anyQuestion, askableQuestion } from './random-profiles.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const LONGEST = 259_200_000;
const readable = anyProfile.map((profile) => ({ ...profile, unreadable: [] }));

function answerTo(question: Question, profile: ConsentProfile): Decision {
  const decision = decide(catalogue, question, profile);
  if (typeof decision === 'string') throw new Error(decision);
  return decision;
}

/** The same answers, grants and unreadable consents in any other order. */
function shuffled(profile: ConsentProfile): fc.Arbitrary<ConsentProfile> {
  const anyOrder = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  return fc.record({
    answers: anyOrder(profile.answers),
    grants: anyOrder(profile.grants),
    unreadable: anyOrder(profile.unreadable),
  });
}

const RUNS = Math.min(3_000, Number(process.env['EVALUATOR_RUNS'] ?? 3_000));

function holds<T extends unknown[]>(property: fc.IPropertyWithHooks<T>, numRuns = RUNS): void {
  fc.assert(property, { numRuns, endOnFailure: RUNS < 3_000 }); // a short run asks only whether it holds
}

describe('laws of answers', () => {
  it('the order of what is recorded never changes a decision', () => {
    const reordered = anyProfile.chain((profile) => fc.tuple(fc.constant(profile), shuffled(profile)));
    holds(
      fc.property(reordered, anyQuestion, ([profile, other], question) => {
        expect(decide(catalogue, question, other)).toStrictEqual(decide(catalogue, question, profile));
      }),
    );
  });

  it('nothing recorded denies everywhere', () => {
    const types = [...catalogue.organisationTypes.values()];
    const inCare = types.filter((type) => type.holderCategory !== undefined);
    for (const holder of inCare) {
      for (const requester of types) {
        const parties = {
          holder: { ura: '00000659', type: holder.code },
          requester: { ura: '00000666', type: requester.code },
        };
        const { decision, reason, basedOn } = answerTo({ ...parties, purpose: 'TREAT', at: 0 }, EMPTY_PROFILE);
        const expected = requester.requesterCategory === undefined ? 'requester-not-eligible' : 'no-consent';
        expect([decision, reason, basedOn]).toEqual(['deny', expected, []]);
      }
    }
    expect(inCare.length * types.length).toBeGreaterThan(8_000);
  });

  it('adding a refusal never turns a deny into a permit', () => {
    const refusal = anyAnswer.map((answer) => ({ ...answer, decision: 'deny' as const }));
    holds(
      fc.property(anyProfile, refusal, askableQuestion, (profile, added, question) => {
        fc.pre(answerTo(question, profile).decision === 'deny');
        const answers = [...profile.answers, added];
        expect(answerTo(question, { ...profile, answers }).decision).toBe('deny');
      }),
    );
  });

  it('withdrawing an answer never turns a deny into a permit, unless it was a no or a yes that fell short', () => {
    holds(
      fc.property(readable, askableQuestion, (profile, question) => {
        const before = answerTo(question, profile);
        fc.pre(before.decision === 'deny');
        const reaches = (answer: Answer) =>
          answer.decision === 'permit' &&
          catalogue.dataCategories.get(answer.dataCategory)?.covers.has(before.dataCategory) === true;
        for (const withdrawn of profile.answers.filter(reaches)) {
          const answers = profile.answers.filter((answer) => answer !== withdrawn);
          expect(answerTo(question, { ...profile, answers }).decision).toBe('deny');
        }
      }),
    );
  });

  it("a migrated answer never changes anything once the citizen's own answer counts", () => {
    const own = fc.record({ answer: anyAnswer, holderSide: fc.boolean(), requesterSide: fc.boolean() });
    holds(
      fc.property(readable, own, askableQuestion, (profile, { answer, holderSide, requesterSide }, question) => {
        const [holder, requester] = placesOf(question);
        const placed = {
          ...answer,
          holder: holderSide ? holder.organisation : holder.category,
          requester: requesterSide ? requester.organisation : requester.category,
        };
        const counting = { ...placed, authority: 'citizen' as const, pending: false };
        const withOwn = { ...profile, answers: [...profile.answers, counting] };
        const ownOnly = { ...withOwn, answers: withOwn.answers.filter((one) => one.authority === 'citizen') };
        expect(answerTo(question, withOwn)).toStrictEqual(answerTo(question, ownOnly));
      }),
    );
  });

  it('a yes that waits for a parent never changes permit or deny', () => {
    holds(
      fc.property(readable, askableQuestion, (profile, question) => {
        const answers = profile.answers.filter((answer) => !answer.pending || answer.decision === 'deny');
        expect(answerTo(question, profile).decision).toBe(answerTo(question, { ...profile, answers }).decision);
      }),
    );
  });

  it('a no that waits for a parent counts at once, like any other', () => {
    holds(
      fc.property(readable, askableQuestion, (profile, question) => {
        const answers = profile.answers.map((answer) =>
          answer.decision === 'deny' ? { ...answer, pending: false } : answer,
        );
        expect(answerTo(question, profile)).toStrictEqual(answerTo(question, { ...profile, answers }));
      }),
    );
  });

  it('what waits for a parent is permitted once every waiting answer is confirmed, and rests on waiting answers', () => {
    holds(
      fc.property(readable, askableQuestion, (profile, question) => {
        const before = answerTo(question, profile);
        fc.pre(before.reason === 'minor-unconfirmed');
        const waiting = profile.answers.filter((answer) => answer.pending && answer.decision === 'permit');
        expect(waiting.map((answer) => answer.source)).toEqual(expect.arrayContaining([...before.basedOn]));
        expect(before.basedOn).not.toEqual([]);
        const answers = profile.answers.map((answer) => ({ ...answer, pending: false }));
        expect(answerTo(question, { ...profile, answers }).decision).toBe('permit');
      }),
      Math.ceil(RUNS / 10), // one citizen in thirty waits
    );
  });

  it('consent for treatment data is consent for everything in it', () => {
    holds(
      fc.property(readable, askableQuestion, (profile, question) => {
        fc.pre(answerTo(question, { ...profile, grants: [] }).reason === 'consent-given');
        const asked = answerTo(question, profile).dataCategory;
        for (const dataCategory of catalogue.dataCategories.get(asked)?.covers ?? []) {
          expect(answerTo({ ...question, dataCategory }, profile).decision).toBe('permit');
        }
      }),
    );
  });
});

function placesOf({ holder, requester }: Question): [Sides, Sides] {
  const types = catalogue.organisationTypes;
  return [
    sides(holder.ura, types.get(holder.type)?.holderCategory),
    sides(requester.ura, types.get(requester.type)?.requesterCategory),
  ];
}

interface Sides {
  readonly organisation: Place;
  readonly category: Place;
}

function sides(ura: string, code = 'none'): Sides {
  return { organisation: { kind: 'organisation', ura }, category: { kind: 'category', code } };
}

describe('laws of grants and time', () => {
  it('a grant never outlives 259,200 seconds', () => {
    holds(
      fc.property(anyProfile, fc.nat(LONGEST), askableQuestion, (profile, later, question) => {
        const at = Math.max(0, ...profile.grants.map((grant) => grant.start)) + LONGEST + later;
        const after = answerTo({ ...question, at }, profile);
        expect(after).toStrictEqual(answerTo({ ...question, at }, { ...profile, grants: [] }));
      }),
    );
  });

  it('adding an emergency grant never takes a permit away', () => {
    holds(
      fc.property(readable, anyGrant, askableQuestion, (profile, grant, question) => {
        fc.pre(answerTo(question, profile).decision === 'permit');
        const grants = [...profile.grants, grant];
        expect(answerTo(question, { ...profile, grants }).decision).toBe('permit');
      }),
    );
  });

  it('decision and reason stay the same until the next change and differ then', () => {
    holds(
      fc.property(readable, askableQuestion, fc.array(anyMoment), (profile, question, moments) => {
        const { reason, nextChangeAt } = answerTo(question, profile);
        const end = nextChangeAt ?? Number.POSITIVE_INFINITY;
        for (const at of [...moments, end - 1].filter((moment) => moment > question.at && moment < end)) {
          expect(answerTo({ ...question, at }, profile).reason).toBe(reason);
        }
        if (nextChangeAt === undefined) return;
        expect(nextChangeAt).toBeGreaterThan(question.at);
        expect(answerTo({ ...question, at: nextChangeAt }, profile).reason).not.toBe(reason);
      }),
    );
  });
});

describe('laws of questions', () => {
  it('one unreadable consent denies every question', () => {
    holds(
      fc.property(readable, askableQuestion, (profile, question) => {
        const { decision, reason } = answerTo(question, { ...profile, unreadable: ['Consent/x/_history/1'] });
        expect(decision).toBe('deny');
        expect(['consent-unreadable', 'requester-not-eligible']).toContain(reason);
      }),
    );
  });

  it('presumed consent is decided like treatment', () => {
    holds(
      fc.property(anyProfile, askableQuestion, (profile, question) => {
        const [treat, presumed] = (['TREAT', 'COC'] as const).map((purpose) =>
          answerTo({ ...question, purpose }, profile),
        );
        expect(presumed).toStrictEqual(treat);
      }),
    );
  });

  it('a question without data category is the question about the category of the row', () => {
    holds(
      fc.property(anyProfile, askableQuestion, (profile, { holder, requester, purpose, at }) => {
        const question = { holder, requester, purpose, at };
        const category = catalogue.organisationTypes.get(holder.type)?.holderCategory ?? '';
        const dataCategory = catalogue.holderCategories.get(category)?.dataCategory ?? '';
        expect(answerTo(question, profile)).toStrictEqual(answerTo({ ...question, dataCategory }, profile));
      }),
    );
  });

  it('every permit rests on something recorded, and every ground is recorded', () => {
    holds(
      fc.property(anyProfile, askableQuestion, (profile, question) => {
        const { decision, basedOn } = answerTo(question, profile);
        const recorded = [...profile.answers, ...profile.grants].map((one) => one.source);
        expect([...recorded, ...profile.unreadable]).toEqual(expect.arrayContaining([...basedOn]));
        if (decision === 'permit') expect(basedOn).not.toEqual([]);
      }),
    );
  });

  it('a batch of questions equals its items one by one, in any order, and leaves the profile as it was', () => {
    const questions = fc.array(fc.record({ id: fc.uuid(), question: anyQuestion }), { maxLength: 5 });
    const twoOrders = questions.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    holds(
      fc.property(anyProfile, twoOrders, (profile, [batch, reordered]) => {
        const before = structuredClone(profile);
        const oneByOne = new Map(batch.map(({ id, question }) => [id, decide(catalogue, question, profile)]));
        for (const { id, question } of reordered) {
          expect(decide(catalogue, question, profile)).toStrictEqual(oneByOne.get(id));
        }
        expect(profile).toEqual(before);
      }),
    );
  });
});
