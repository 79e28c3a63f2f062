import fc from 'fast-check';
import type { Answer as Recorded, ConsentProfile } from '../../src/decision/consent-profile.ts';
import type { Expected, Step } from '../decision/case.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import * as family from './family.ts';
import { batchAnswersIn } from './scenarios-answer.ts';
import { allQuestions, anyChoice, anyConfirmed, type Choice } from './scenarios-arbitrary.ts';
import { batchParameters } from './scenarios-parameters.ts';
import { applyGiven, choose } from './scenarios-record.ts';
import { decideFrom, storedProfile } from './scenarios-second-opinion.ts';

const server = useTestServer();
const RUNS = Number(process.env['CITIZEN_RUNS'] ?? 10);
const seed = Number(process.env['CITIZEN_SEED'] ?? Date.now() % 2_147_483_647);

interface Life {
  readonly earlier: readonly Step[];
  /** What the child chooses, and what a parent then decides. */
  readonly choices: readonly { readonly chosen: readonly Choice[]; readonly decision: family.Decision }[];
}

/** What a parent confirmed, or what a holder brought along, which counts already or waits. */
const anyEarlier: fc.Arbitrary<Step> = fc
  .record({ step: anyConfirmed, migrated: fc.constantFrom(undefined, 'confirmed', 'waiting') })
  .map(({ step, migrated }): Step => {
    if (migrated === undefined || !('answer' in step)) return step;
    return { ...step, answer: { ...step.answer, origin: 'migration', confirmation: migrated } };
  });

const anyLife: fc.Arbitrary<Life> = fc.record({
  earlier: fc.array(anyEarlier, { maxLength: 4 }),
  choices: fc.array(
    fc.record({
      chosen: fc.array(anyChoice, { minLength: 1, maxLength: 3 }),
      decision: fc.constantFrom<family.Decision>('confirm', 'confirm', 'reject'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

describe(`random children and their parents, by seed ${seed}`, () => {
  it(
    'share what both agreed to: a yes that waits never permits, a no denies at once, a confirmation changes nothing else',
    () => fc.assert(fc.asyncProperty(anyLife, liveThrough), { numRuns: RUNS, seed }),
    LIMIT_MS,
  );
});

const isWaiting = ({ pending }: Recorded) => pending;
const isWaitingYes = ({ pending, decision }: Recorded) => pending && decision === 'permit';
const withoutWaitingYes = ({ answers, ...rest }: ConsentProfile): ConsentProfile => ({
  ...rest,
  answers: answers.filter((answer) => !isWaitingYes(answer)),
});
const asConfirmed = ({ answers, ...rest }: ConsentProfile): ConsentProfile => ({
  ...rest,
  answers: answers.map((answer) => ({ ...answer, pending: false })),
});

async function liveThrough({ earlier, choices }: Life): Promise<void> {
  const [child, parent] = [await family.child(server()), await family.parent(server())];
  await applyGiven(server(), child, earlier);
  for (const { chosen, decision } of choices) {
    for (const choice of chosen) await choose(server(), child, choice);
    const before = await storedProfile(server(), child);
    expect(decisions(await answered(child))).toEqual(decisions(secondOpinions(withoutWaitingYes(before))));
    if (!before.answers.some(isWaiting)) continue;
    await family.settle(server(), child, parent, decision);
    const expected = decision === 'confirm' ? asConfirmed(before) : withoutWaitingYes(before);
    expect(reasons(await answered(child))).toEqual(reasons(secondOpinions(expected)));
    const after = (await storedProfile(server(), child)).answers;
    expect(after.filter(decision === 'confirm' ? isWaiting : isWaitingYes)).toEqual([]);
  }
}

/** What the server answers to every question. */
async function answered(bsn: string): Promise<readonly Expected[]> {
  const body = batchParameters(server().server.register.catalogue, bsn, allQuestions);
  return batchAnswersIn(await server().fhir('/Consent/$check', { as: 'exchange', body }));
}

function secondOpinions(profile: ConsentProfile): readonly Expected[] {
  const { catalogue } = server().server.register;
  return allQuestions.map((question) => decideFrom(catalogue, profile, question, undefined, Date.now()));
}

function decisions(answers: readonly Expected[]): string[] {
  return answers.map((answer) => ('decision' in answer ? answer.decision : answer.error));
}

function reasons(answers: readonly Expected[]): string[] {
  return answers.map((answer) => ('reason' in answer ? `${answer.decision} ${answer.reason}` : 'none'));
}
