import fc from 'fast-check';
import type { ConsentProfile } from '../../src/decision/consent-profile.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { batchAnswersIn } from './scenarios-answer.ts';
import { allQuestions, anyChoice, type Choice, requesterUras } from './scenarios-arbitrary.ts';
import { batchParameters } from './scenarios-parameters.ts';
import { choose } from './scenarios-record.ts';
import { decideFrom, storedProfile } from './scenarios-second-opinion.ts';
import {
  inOwnWords,
  type MigratedConsent,
  migratedConsents,
  patchInOwnWords,
  put,
  remove,
} from './rewriting-migrated.ts';
import { type Brought, migrate, migrated, outcomesOf, patientOf } from './migrating.ts';

const server = useTestServer();
const RUNS = Number(process.env['MIGRATION_RUNS'] ?? 25);

const places = ['RPZAC001', 'RPZAC104', 'RPZAC005', ...requesterUras];
const anyBrought: fc.Arbitrary<Brought> = fc
  .uniqueArray(fc.record({ place: fc.constantFrom(...places), yes: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ place }) => place,
  })
  .map((answers) => ({
    permit: answers.filter(({ yes }) => yes).map(({ place }) => place),
    deny: answers.filter(({ yes }) => !yes).map(({ place }) => place),
  }));

/** What a citizen may do to a migrated Consent itself. */
const DOINGS = {
  update: (bsn: string, consent: MigratedConsent) => put(server(), bsn, consent, inOwnWords(consent)),
  patch: (bsn: string, consent: MigratedConsent) => patchInOwnWords(server(), bsn, consent),
  withdraw: (bsn: string, consent: MigratedConsent) =>
    put(server(), bsn, consent, { ...consent, status: 'inactive' as const }),
  delete: (bsn: string, consent: MigratedConsent) => remove(server(), bsn, consent),
};
type Doing = keyof typeof DOINGS;

type Event = { readonly choice: Choice } | { readonly brought: Brought } | { readonly doing: Doing };

const anyLife = fc.array(
  fc.oneof(
    anyChoice.map((choice): Event => ({ choice })),
    { arbitrary: anyBrought.map((brought): Event => ({ brought })), weight: 2 },
    fc.constantFrom(...(Object.keys(DOINGS) as Doing[])).map((doing): Event => ({ doing })),
  ),
  { minLength: 2, maxLength: 7 },
);

describe('a migrated answer never beats the citizen’s', () => {
  it(
    'in any order of choosing, rewriting and migrating, the same answers brought twice included',
    async () => {
      await fc.assert(fc.asyncProperty(anyLife, liveThrough), { numRuns: RUNS });
    },
    LIMIT_MS * 2,
  );
});

const own = ({ answers, ...rest }: ConsentProfile): ConsentProfile => ({
  ...rest,
  answers: answers.filter(({ authority }) => authority === 'citizen'),
});
const migratedPlaces = ({ answers }: ConsentProfile): string[] =>
  answers.filter(({ authority }) => authority === 'migrated').map(({ requester }) => JSON.stringify(requester));

async function liveThrough(life: readonly Event[]): Promise<void> {
  const bsn = await patientOf(server());
  const takenBack = new Set<string>();
  for (const event of life) {
    const before = await storedProfile(server(), bsn);
    if ('choice' in event) await choose(server(), bsn, event.choice);
    else if ('doing' in event) await act(bsn, event.doing);
    else await bring(bsn, event.brought, before);
    const after = migratedPlaces(await storedProfile(server(), bsn));
    const gone = 'brought' in event ? [] : migratedPlaces(before).filter((place) => !after.includes(place));
    for (const place of gone) takenBack.add(place);
    expect(after.filter((place) => takenBack.has(place))).toEqual([]);
  }
}

/** Does it to the newest migrated Consent that counts, if there is one. */
async function act(bsn: string, doing: Doing): Promise<void> {
  const consent = (await migratedConsents(server(), bsn)).findLast(({ status }) => status === 'active');
  if (consent !== undefined) expect((await DOINGS[doing](bsn, consent)).status).toBeLessThan(300);
}

/** What the citizen said stands as it was, and decides wherever the citizen said anything. */
async function bring(bsn: string, brought: Brought, before: ConsentProfile): Promise<void> {
  const [outcome = ''] = outcomesOf(await migrate(server(), [migrated(bsn, brought)]));
  expect(outcome).toMatch(/^(201 created|200 unchanged|200 skipped-citizen-decided)$/);
  const after = await storedProfile(server(), bsn);
  expect(own(after)).toEqual(own(before));
  if (outcome !== '201 created') expect(after).toEqual(before);
  const { catalogue } = server().server.register;
  const body = batchParameters(catalogue, bsn, allQuestions);
  const answers = batchAnswersIn(await server().fhir('/Consent/$check', { as: 'exchange', body }));
  const opinions = allQuestions.map((question) => decideFrom(catalogue, own(before), question, undefined, Date.now()));
  for (const [at, opinion] of opinions.entries()) {
    if (!('reason' in opinion) || opinion.reason !== 'no-consent') expect(answers[at]).toEqual(opinion);
  }
  const again = await migrate(server(), [migrated(bsn, brought)]);
  expect(outcomesOf(again)).toEqual([outcome === '201 created' ? '200 unchanged' : outcome]);
}
