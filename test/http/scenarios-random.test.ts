import fc from 'fast-check';
import type { Ask, Expected, Step } from '../decision/case.ts';
import { applySteps } from '../decision/apply-steps.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { GP, HOSPITAL } from './people.ts';
import { answersIn, batchAnswersIn } from './scenarios-answer.ts';
import { anyChoice, anyQuestion, type Choice, holderParties, partyOf, requesterUras } from './scenarios-arbitrary.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { batchParameters, checkParameters, type Question } from './scenarios-parameters.ts';
import { postConsent } from './scenarios-consent.ts';
import { choose } from './scenarios-record.ts';
import { decideFrom, secondOpinion, storedProfile } from './scenarios-second-opinion.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const RUNS = Number(process.env['CITIZEN_RUNS'] ?? 40);
const seed = Number(process.env['CITIZEN_SEED'] ?? Date.now() % 2_147_483_647);

describe(`random citizens, by seed ${seed}`, () => {
  it(
    'are answered after each choice as the second evaluator does, from what is stored and from what was chosen',
    async () => {
      const year = fc.record({
        choice: anyChoice,
        door: fc.constantFrom<Door>('choose', 'consent', 'gp', 'hospital'),
        questions: fc.array(anyQuestion, { minLength: 1, maxLength: 6 }),
      });
      const life = fc.array(year, { minLength: 1, maxLength: 5 });
      await fc.assert(fc.asyncProperty(life, liveThrough), { numRuns: RUNS, seed });
    },
    LIMIT_MS,
  );
});

/** Through `$choose`, alone or together with a provider, or by posting Consents, as far as those can say the choice. */
type Door = 'choose' | 'consent' | 'gp' | 'hospital';

interface Year {
  readonly choice: Choice;
  readonly door: Door;
  readonly questions: readonly Question[];
}

/** Makes the choices one by one; after each, the questions that go with it. */
async function liveThrough(life: readonly Year[]): Promise<void> {
  const { catalogue } = server().server.register;
  const bsn = freshCitizen();
  const doors = new Set(life.map(({ door }) => door));
  if (doors.has('gp')) await subscribe(server(), bsn, GP);
  if (doors.has('hospital')) await subscribe(server(), bsn, HOSPITAL);
  const given: Step[] = [];
  for (const { choice, door, questions } of life) {
    await record(bsn, choice, door);
    given.push({ choose: withExceptions(choice) });
    const answers = batchAnswersIn(
      await server().fhir('/Consent/$check', { as: 'exchange', body: batchParameters(catalogue, bsn, questions) }),
    );
    const stored = await storedProfile(server(), bsn);
    const chosen = applySteps(catalogue, { given, asks: allAsks }).profile;
    const opinion = (profile: typeof stored) =>
      questions.map((question) =>
        decideFrom(catalogue, profile, question, question.dataCategory as string | undefined, Date.now()),
      );
    expect(answers).toEqual(opinion(stored));
    expect(answers.map(inShort)).toEqual(opinion(chosen).map(inShort));
    await askAlone(bsn, questions[0], answers[0]);
  }
}

/** A Consent cannot clear and not say everything at once: such a choice goes through `$choose` anyway. */
async function record(bsn: string, choice: Choice, door: Door): Promise<void> {
  const answers = choice.answers ?? [];
  const isSaid = answers.length > 0 && answers.every(({ decision }) => decision !== 'clear');
  if (door === 'gp' || door === 'hospital') await choose(server(), bsn, { ...choice, by: door, way: 'together' });
  else if (door === 'choose' || !isSaid) await choose(server(), bsn, choice);
  else for (const answer of answers) await postConsent(server(), bsn, answer);
}

/** A question by itself is answered as it was in the batch. */
async function askAlone(bsn: string, question: Question | undefined, answer: Expected | undefined): Promise<void> {
  if (question === undefined) throw new Error('each choice has a question');
  const body = checkParameters(server().server.register.catalogue, bsn, question);
  const alone = answersIn(await server().fhir('/Consent/$check', { as: 'exchange', body }));
  expect(alone).toEqual(new Map([['', answer]]));
  expect(await secondOpinion(server(), bsn, question)).toEqual(alone);
}

/** Clearing a whole row clears its answers about individual requesters too. */
function withExceptions(choice: Choice): Choice {
  const cleared = (choice.answers ?? [])
    .filter(
      ({ decision, requester, requesterCategory }) =>
        decision === 'clear' && (requester ?? requesterCategory) === undefined,
    )
    .map((answer) => ({ ...answer, requester: requesterUras }));
  return { ...choice, answers: [...(choice.answers ?? []), ...cleared] };
}

/** From these the steps learn of what type each organisation is. */
const allAsks: readonly Ask[] = holderParties.map((holder) => ({
  holder: partyOf(holder),
  requester: partyOf(holder),
  expect: { error: 'holder-not-in-care' },
}));

function inShort(said: Expected): string {
  return 'error' in said ? said.error : `${said.decision} ${said.reason} ${said.nextChangeAt ?? ''}`;
}
