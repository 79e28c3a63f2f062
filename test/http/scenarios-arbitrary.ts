import fc from 'fast-check';
import type { ChosenAnswer, Step } from '../decision/case.ts';
import type { Question } from './scenarios-parameters.ts';

export type Choice = Extract<Step, { choose: unknown }>['choose'];

/** Few places, so that a citizen's choices and the questions about them meet. */
export const requesterUras = ['00014332', '00000666', '00005098'];
const rows = {
  HA: ['RPZAC001', 'RPZAC104', 'RPZAC005'],
  APO: ['RPZAC001', 'RPZAC005'],
  ZKH: ['RPZAC001', 'RPZAC104'],
} as const;
const holderUras = { '00000659': 'HA', '00014332': 'APO', '00005098': 'ZKH' } as const;
const holders = [
  ...Object.entries(rows).map(([code, row]) => ({ place: { holderCategory: code }, row: [...row] })),
  ...Object.entries(holderUras).map(([ura, code]) => ({ place: { holder: ura }, row: [...rows[code]] })),
];

const anyAnswer: fc.Arbitrary<ChosenAnswer> = fc.constantFrom(...holders).chain(({ place, row }) =>
  fc
    .record({
      requesters: fc.oneof(
        fc.constant({}),
        fc.subarray(row, { minLength: 1 }).map((requesterCategory) => ({ requesterCategory })),
        fc.subarray(requesterUras, { minLength: 1 }).map((requester) => ({ requester })),
      ),
      decision: fc.constantFrom('permit', 'deny', 'clear'),
    })
    .map(({ requesters, decision }) => ({ ...place, ...requesters, decision })),
);

export const anyChoice: fc.Arbitrary<Choice> = fc.oneof(
  { arbitrary: fc.constantFrom<Choice>({ option: 'all' }, { option: 'none' }), weight: 1 },
  {
    arbitrary: fc
      .uniqueArray(anyAnswer, {
        minLength: 1,
        maxLength: 3,
        selector: ({ holder, holderCategory }) => JSON.stringify({ holder, holderCategory }),
      })
      .map((answers): Choice => ({ option: 'certain', answers })),
    weight: 4,
  },
);

export const partyOf = ([ura, type]: readonly [string, string]) => ({ ura, type });
export const holderParties = [
  ['00000659', 'Z3'],
  ['90000697', 'Z3'],
  ['00014332', 'J8'],
  ['00005098', 'V4'],
] as const;
const requesterParties = [
  ['00014332', 'J8'],
  ['00000666', 'N6'],
  ['90000697', 'J8'],
  ['00005098', 'V4'],
  ['90000382', 'L1'],
] as const;

export const anyQuestion: fc.Arbitrary<Question> = fc.record(
  {
    holder: fc.constantFrom(...holderParties).map(partyOf),
    requester: fc.constantFrom(...requesterParties).map(partyOf),
    dataCategory: fc.constantFrom('GGC002', 'GGC012', 'GGC013'),
    purpose: fc.constantFrom('TREAT', 'COC'),
  },
  { requiredKeys: ['holder', 'requester'] },
);

/** Every question about these holders and requesters. */
export const allQuestions: readonly Question[] = holderParties.flatMap((holder) =>
  requesterParties.map((requester) => ({ holder: partyOf(holder), requester: partyOf(requester) })),
);

/** One answer that a parent has confirmed. */
export const anyConfirmed: fc.Arbitrary<Step> = fc
  .record({
    holder: fc.constantFrom(...holders),
    requester: fc.oneof(
      fc.constantFrom('RPZAC001', 'RPZAC104', 'RPZAC005').map((requesterCategory) => ({ requesterCategory })),
      fc.constantFrom(...requesterUras).map((requester) => ({ requester })),
    ),
    decision: fc.constantFrom('permit', 'permit', 'permit', 'deny'),
  })
  .map(({ holder, requester, decision }): Step => {
    const answer = { ...holder.place, ...requester, decision, origin: 'portal', confirmation: 'confirmed' } as const;
    return { called: 'confirmed', answer };
  });
