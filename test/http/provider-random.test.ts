import fc from 'fast-check';
import type { ChosenAnswer } from '../decision/case.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { GP, HOSPITAL } from './people.ts';
import { batchAnswersIn } from './scenarios-answer.ts';
import { allQuestions, anyChoice, type Choice } from './scenarios-arbitrary.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { batchParameters, type Question } from './scenarios-parameters.ts';
import { choose } from './scenarios-record.ts';
import { decideFrom, storedProfile } from './scenarios-second-opinion.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const RUNS = Number(process.env['CITIZEN_RUNS'] ?? 25);
const seed = Number(process.env['CITIZEN_SEED'] ?? Date.now() % 2_147_483_647);
const GROUPS = ['RPZAC001', 'RPZAC104', 'RPZAC005'];

const anyButton: fc.Arbitrary<Choice> = fc
  .record({
    by: fc.constantFrom(['gp', GP] as const, ['hospital', HOSPITAL] as const),
    requesterCategory: fc.oneof(fc.constant(undefined), fc.subarray(GROUPS, { minLength: 1 })),
    decision: fc.constantFrom<ChosenAnswer['decision']>('permit', 'deny', 'clear'),
  })
  .map(({ by: [client, holder], requesterCategory, decision }) => {
    const answer = { holder, decision, ...(requesterCategory === undefined ? {} : { requesterCategory }) };
    return { by: client, way: 'button', option: 'certain', answers: [answer] };
  });

const anyTogether: fc.Arbitrary<Choice> = fc
  .tuple(anyChoice, fc.constantFrom('gp', 'hospital'))
  .map(([choice, by]) => ({ ...choice, by, way: 'together' }));

const anyLife = fc.array(fc.oneof(anyChoice, anyButton, anyTogether), { minLength: 1, maxLength: 4 });

describe(`what providers record for random citizens, by seed ${seed}`, () => {
  it(
    'changes nothing about any other holder than the button’s own, or the ones that together are named',
    async () => {
      await fc.assert(fc.asyncProperty(anyLife, liveThrough), { numRuns: RUNS, seed });
    },
    LIMIT_MS,
  );
});

async function liveThrough(life: readonly Choice[]): Promise<void> {
  const bsn = freshCitizen();
  for (const ura of [GP, HOSPITAL]) await subscribe(server(), bsn, ura);
  let before = await decisions(bsn);
  for (const choice of life) {
    await choose(server(), bsn, choice);
    const after = await decisions(bsn);
    const changed = allQuestions.filter((_, index) => after[index] !== before[index]);
    expect(changed.filter((question) => !isNamed(question, choice))).toEqual([]);
    before = after;
  }
}

/** Whether the choice speaks of this question's holder: by itself, or by its category. */
function isNamed({ holder }: Question, { option, answers = [] }: Choice): boolean {
  if (option !== 'certain') return true;
  const { organisationTypes } = server().server.register.catalogue;
  const category = organisationTypes.get(holder.type)?.holderCategory;
  return answers.some((answer) => answer.holder === holder.ura || answer.holderCategory === category);
}

/** Decision and reason of every question; the second evaluator agrees about each. */
async function decisions(bsn: string): Promise<string[]> {
  const { catalogue } = server().server.register;
  const body = batchParameters(catalogue, bsn, allQuestions);
  const answers = batchAnswersIn(await server().fhir('/Consent/$check', { as: 'exchange', body }));
  const profile = await storedProfile(server(), bsn);
  expect(answers).toEqual(allQuestions.map((one) => decideFrom(catalogue, profile, one, undefined, Date.now())));
  return answers.map((answer) => ('error' in answer ? answer.error : `${answer.decision} ${answer.reason}`));
}
