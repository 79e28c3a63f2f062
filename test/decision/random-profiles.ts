import fc from 'fast-check';
import type { Answer, ConsentProfile, EmergencyGrant, Place } from '../../src/decision/consent-profile.ts';
import type { Party, Question } from '../../src/decision/question.ts';

/**
 * Citizens and questions made to collide: few places, few instants, few data categories, so that replacement, ties,
 * exceptions, waiting and migrated answers meet in the same question; and moments on, just before and just after
 * the ends of grants.
 */
const DAY = 86_400_000;

const holders: readonly [Party, ...Party[]] = [
  { ura: '00000659', type: 'Z3' },
  { ura: '90000701', type: 'Z3' },
  { ura: '00014332', type: 'J8' },
  { ura: '90000382', type: 'L1' },
];
const requesters: readonly [Party, ...Party[]] = [
  { ura: '00000666', type: 'N6' },
  { ura: '90000711', type: 'N6' },
  { ura: '00005098', type: 'V4' },
];
const outsideCare: Party = { ura: '90000713', type: 'insurer' };
const unknown: Party = { ura: '90000712', type: 'ZZZ' };

/** Mostly the first of the list: what the questions are mostly about. */
function mostlyFirst<T>([first, ...rest]: readonly [T, ...T[]]): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: fc.constant(first), weight: 2 },
    { arbitrary: fc.constantFrom(first, ...rest), weight: 1 },
  );
}

function category(code: string): Place {
  return { kind: 'category', code };
}

function organisation(ura: string): Place {
  return { kind: 'organisation', ura };
}

const holderPlace = fc.oneof(
  { arbitrary: mostlyFirst([category('HA'), category('APO'), category('LAB')]), weight: 1 },
  { arbitrary: mostlyFirst([organisation('00000659'), organisation('90000701'), organisation('00014332')]), weight: 1 },
);
const requesterPlace = fc.oneof(
  { arbitrary: mostlyFirst([category('RPZAC001'), category('RPZAC104'), category('HA')]), weight: 1 },
  { arbitrary: mostlyFirst([organisation('00000666'), organisation('90000711'), organisation('00000659')]), weight: 1 },
);
const dataCategory = mostlyFirst(['GGC002', 'GGC013', 'GGC012', 'GGC999'] as const);
const source = fc.constantFrom('a', 'B', 'c', 'D', 'e', 'f', 'g', 'h').map((id) => `Consent/${id}/_history/1`);

/** One answer, mostly about the places that the questions ask about. */
export const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  holder: holderPlace,
  requester: requesterPlace,
  decision: mostlyFirst(['permit', 'deny'] as const),
  dataCategory,
  authority: mostlyFirst(['citizen', 'migrated'] as const),
  pending: mostlyFirst([false, true]),
  recordedAt: fc.integer({ min: 0, max: 3 }),
  source,
});

const lasting = fc.constantFrom(-1, 0, 1, DAY, 2 * DAY, 3 * DAY - 1, 3 * DAY, 3 * DAY + 1, 5 * DAY);

export const anyGrant: fc.Arbitrary<EmergencyGrant> = fc
  .record({
    requesterUra: mostlyFirst(['00000666', '90000711'] as const),
    holders: mostlyFirst<'all' | string[]>([['00000659'], 'all', ['90000701', '00000659'], ['00014332'], []]),
    dataCategory,
    start: fc.integer({ min: 0, max: 6 }).map((days) => days * DAY),
    lasting,
    agreed: fc.boolean(),
    source,
  })
  .map(({ lasting: term, ...grant }) => ({ ...grant, end: grant.start + term }));

export const anyProfile: fc.Arbitrary<ConsentProfile> = fc.record({
  answers: fc.array(anyAnswer, { maxLength: 7 }),
  grants: fc.oneof(
    { arbitrary: fc.constant([]), weight: 1 },
    { arbitrary: fc.array(anyGrant, { maxLength: 4 }), weight: 1 },
  ),
  unreadable: fc.oneof(
    { arbitrary: fc.constant([]), weight: 19 },
    { arbitrary: fc.array(source, { minLength: 1, maxLength: 4 }), weight: 1 },
  ),
});

/** A moment on a day's edge, just before or just after it. */
export const anyMoment: fc.Arbitrary<number> = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom(-1, 0, 1))
  .map(([days, shift]) => days * DAY + shift);

function rarely<T>(rare: readonly T[], usual: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: usual, weight: 24 },
    ...rare.map((value) => ({ arbitrary: fc.constant(value), weight: 1 })),
  );
}

function question(
  holder: fc.Arbitrary<Party>,
  requester: fc.Arbitrary<Party>,
  asked: fc.Arbitrary<string | undefined>,
): fc.Arbitrary<Question> {
  return fc
    .record({ holder, requester, dataCategory: asked, purpose: fc.constantFrom('TREAT', 'COC'), at: anyMoment })
    .map(({ dataCategory: category, ...rest }) =>
      category === undefined ? rest : { ...rest, dataCategory: category },
    );
}

const someCategory = fc.constantFrom(undefined, 'GGC002', 'GGC012', 'GGC013');

/** A question that the catalogue knows everything about; now and then an insurer asks. */
export const askableQuestion = question(
  mostlyFirst(holders),
  rarely([outsideCare], mostlyFirst(requesters)),
  someCategory,
);

/** Any question, now and then one that cannot be asked. */
export const anyQuestion = question(
  rarely([outsideCare, unknown], mostlyFirst(holders)),
  rarely([outsideCare, unknown], mostlyFirst(requesters)),
  rarely<string | undefined>(['GGC998'], someCategory),
);
