import fc from 'fast-check';
import { BSN_SYSTEM } from '../../src/fhir/identifiers.ts';
import { applySteps } from '../decision/apply-steps.ts';
import type { Ask, Expected, Step } from '../decision/case.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { batchAnswersIn } from './scenarios-answer.ts';
import { allQuestions, anyChoice, anyConfirmed, type Choice } from './scenarios-arbitrary.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { batchParameters } from './scenarios-parameters.ts';
import { applyGiven, choose } from './scenarios-record.ts';
import { decideFrom, storedProfile } from './scenarios-second-opinion.ts';

const server = useTestServer();
const RUNS = Number(process.env['CITIZEN_RUNS'] ?? 25);
const seed = Number(process.env['CITIZEN_SEED'] ?? Date.now() % 2_147_483_647);

describe(`random children, by seed ${seed}`, () => {
  it(
    'may only take away from what a parent confirmed, and a refusal counts at once',
    async () => {
      const confirmed = fc.array(anyConfirmed, { minLength: 1, maxLength: 5 });
      const choices = fc.array(anyChoice, { minLength: 1, maxLength: 4 });
      await fc.assert(fc.asyncProperty(confirmed, choices, liveThrough), { numRuns: RUNS, seed });
    },
    LIMIT_MS,
  );
});

async function liveThrough(confirmed: readonly Step[], choices: readonly Choice[]): Promise<void> {
  const bsn = await childOfFourteen();
  await applyGiven(server(), bsn, confirmed);
  let before = await permitted(bsn);
  const given = [...confirmed];
  for (const choice of choices) {
    await choose(server(), bsn, choice);
    given.push({ choose: choice });
    const after = await permitted(bsn);
    expect(after.filter((question) => !before.includes(question))).toEqual([]);
    const refused = refusedByOneself(given);
    expect(after.filter((question) => refused.includes(question))).toEqual([]);
    before = after;
  }
}

/** The questions that are answered permit, by their place in the list; the second evaluator agrees about each. */
async function permitted(bsn: string): Promise<number[]> {
  const { catalogue } = server().server.register;
  const body = batchParameters(catalogue, bsn, allQuestions);
  const answers = batchAnswersIn(await server().fhir('/Consent/$check', { as: 'exchange', body }));
  const profile = await storedProfile(server(), bsn);
  expect(answers).toEqual(allQuestions.map((one) => decideFrom(catalogue, profile, one, undefined, Date.now())));
  return answers.flatMap((answer, index) => (isDecided(answer, 'permit') ? [index] : []));
}

/** The questions that the same choices would refuse if nobody had to confirm them. */
function refusedByOneself(given: readonly Step[]): number[] {
  const { catalogue } = server().server.register;
  const asks: Ask[] = allQuestions.map((question) => ({ ...question, expect: { error: 'holder-not-in-care' } }));
  const { profile } = applySteps(catalogue, { given, asks });
  return allQuestions.flatMap((question, index) => {
    const answer = decideFrom(catalogue, profile, question, undefined, Date.now());
    return isDecided(answer, 'deny') && 'reason' in answer && answer.reason === 'consent-refused' ? [index] : [];
  });
}

function isDecided(answer: Expected, decision: 'permit' | 'deny'): boolean {
  return 'decision' in answer && answer.decision === decision;
}

async function childOfFourteen(): Promise<string> {
  const bsn = freshCitizen();
  const birthDate = `${new Date().getUTCFullYear() - 14}-01-01`;
  const body = { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM, value: bsn }], birthDate };
  expect((await server().fhir('/Patient', { as: `citizen:${bsn}`, body })).status).toBe(201);
  return bsn;
}
