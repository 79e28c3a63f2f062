import { REQUESTER_CATEGORY_SYSTEM } from '../../src/catalogue/catalogue.ts';
import { Files } from '../catalogue/change-files.ts';
import type { CatalogueGains } from '../decision/case.ts';
import { readCases } from '../decision/case.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';
import { answersIn } from './scenarios-answer.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { checkParameters } from './scenarios-parameters.ts';
import { choose } from './scenarios-record.ts';
import { secondOpinion } from './scenarios-second-opinion.ts';

const before = useTestServer();
let after: TestServer | undefined;
const cases = readCases().filter(({ given }) => given.some((step) => 'catalogueGains' in step));

describe('a catalogue that gains a question after the citizen chose', () => {
  afterEach(async () => {
    await after?.close();
    after = undefined;
  });

  it.each(cases.map(({ title, ...one }) => ({ title, ...one })))(
    'scenario $scenario: $title',
    async ({ given, asks }) => {
      const bsn = freshCitizen();
      let server: TestServer = before();
      for (const step of given) {
        if ('choose' in step) await choose(server, bsn, step.choose);
        if ('catalogueGains' in step) {
          server = after = await openTestServer({ catalogue: gain(step.catalogueGains), beside: before() });
        }
      }
      for (const ask of asks) {
        const body = checkParameters(server.server.register.catalogue, bsn, ask);
        const answers = answersIn(await server.fhir('/Consent/$check', { as: 'exchange', body }));
        const { basedOn, ...decided } = ask.expect as { basedOn: readonly string[] };
        expect(answers.get('')).toMatchObject(decided);
        expect(answers.get('')).toHaveProperty('basedOn.length', basedOn.length);
        expect(await secondOpinion(server, bsn, ask)).toEqual(answers);
      }
    },
    LIMIT_MS,
  );

  it('is of scenario 35', () => {
    expect(cases.map(({ scenario }) => scenario)).toEqual(['35', '35']);
  });
});

/** The next version of the catalogue's files: one organisation type more, and one question for each named cell. */
function gain({ version, organisationType, questions }: CatalogueGains): readonly unknown[] {
  const files = new Files();
  for (const resource of files.resources) resource.version = version;
  const { code, requesterCategory } = organisationType;
  const names = { display: code, designation: [{ language: 'en', value: code }] };
  files.concepts('organisation-type').push({ code, ...names });
  const rows = (name: string) => files.get('ConceptMap', name).group[0]?.element;
  rows('organisation-type-holder-category')?.push({ code, target: [{ equivalence: 'unmatched' }] });
  rows('organisation-type-requester-category')?.push({
    code,
    target: [{ code: requesterCategory, equivalence: 'wider' }],
  });
  for (const question of questions) files.concepts('consent-question').push(gained(files, question));
  return files.resources;
}

/** A question about the same data as the holder's other questions. */
function gained(files: Files, { holderCategory, requesterCategory }: CatalogueGains['questions'][number]) {
  const rest = files.concepts('consent-question').map(({ property = [] }) => property);
  const row = rest.find((property) => property.some(({ valueCoding }) => valueCoding.code === holderCategory)) ?? [];
  const code = `T${holderCategory}`;
  const about = row.filter((property) => property.code !== 'requester-category');
  const asks = {
    code: 'requester-category',
    valueCoding: { system: REQUESTER_CATEGORY_SYSTEM, code: requesterCategory },
  };
  return { code, display: code, designation: [{ language: 'en', value: code }], property: [...about, asks] };
}
