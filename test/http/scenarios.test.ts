import type { Consent } from '@medplum/fhirtypes';
import { type Ask, type Case, type Expected, readCases } from '../decision/case.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type TestServer, useTestServer } from '../setup/test-server.ts';
import { answersIn } from './scenarios-answer.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { checkParameters } from './scenarios-parameters.ts';
import { applyGiven, type CalledConsents } from './scenarios-record.ts';
import { secondOpinion } from './scenarios-second-opinion.ts';

const server = useTestServer();
/** Cases in which the catalogue changes halfway are put to servers of their own. */
const cases = readCases().filter(({ given }) => !given.some((step) => 'catalogueGains' in step));

describe('through HTTP and by the second evaluator on what is stored', () => {
  it.each(cases.map((one): [string, string, Case] => [one.scenario, one.title, one]))(
    'scenario %s: %s',
    async (_scenario, _title, { given, asks }) => {
      const bsn = freshCitizen();
      const called = await applyGiven(server(), bsn, given);
      for (const ask of asks) await put(ask, { server: server(), bsn, called });
    },
    LIMIT_MS,
  );
});

describe('the cases put to the server', () => {
  it('are those of every scenario that needs no other door', () => {
    const wanted = [
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
      '14',
      '15',
      '16',
      '17',
      '18',
      '19',
      '30',
    ];
    const there = new Set(cases.map(({ scenario }) => scenario));
    expect([...wanted, '36', '38', '39'].filter((scenario) => !there.has(scenario))).toEqual([]);
  });

  it('could fail: a decision the case does not expect is noticed', async () => {
    const ask = {
      holder: { ura: '00000659', type: 'Z3' },
      requester: { ura: '00014332', type: 'J8' },
      expect: { decision: 'permit', reason: 'consent-given', basedOn: [] },
    } as const;
    const putting = put(ask, { server: server(), bsn: freshCitizen(), called: new Map() });
    await expect(putting).rejects.toThrow(/consent-given/);
  });
});

describe('scenario 30: what cannot be asked', () => {
  const ask = { holder: { ura: '00000659', type: 'Z3' }, requester: { ura: '00014332', type: 'J8' } };
  it('is a purpose other than treatment and presumed consent, also under option 1', async () => {
    const bsn = freshCitizen();
    await applyGiven(server(), bsn, [{ choose: { option: 'all' } }]);
    const body = checkParameters(server().server.register.catalogue, bsn, { ...ask, purpose: 'ETREAT' as 'TREAT' });
    const answer = await server().fhir('/Consent/$check', { as: 'exchange', body });
    expect(answer.status).toBe(422);
    expect(answersIn(answer).get('')).toEqual({ error: 'unknown-purpose' });
  });

  it.each(['000000000', '999910001', '12345'])('is a citizen with the number %s', async (bsn) => {
    const body = checkParameters(server().server.register.catalogue, bsn, ask);
    const answer = await server().fhir('/Consent/$check', { as: 'exchange', body });
    expect(answer.status).toBe(400);
    expect(answersIn(answer).get('')).toEqual({ error: 'bsn-invalid' });
  });

  it('is a registered organisation under a type it does not have', async () => {
    const type = { ...ask, requester: { ura: '00014332', type: 'Z3' } };
    const body = checkParameters(server().server.register.catalogue, freshCitizen(), type);
    const answer = await server().fhir('/Consent/$check', { as: 'exchange', body });
    expect(answer.status).toBe(422);
    expect(answersIn(answer).get('')).toEqual({ error: 'type-contradicts-registry' });
  });
});

interface Stage {
  readonly server: TestServer;
  readonly bsn: string;
  readonly called: CalledConsents;
}

/** Puts one question through the door and to the second evaluator; both must say what the case expects. */
async function put(ask: Ask, { server: at, bsn, called }: Stage): Promise<void> {
  const as = ask.at === undefined ? 'exchange' : 'auditor';
  const body = checkParameters(at.server.register.catalogue, bsn, ask);
  const answers = answersIn(await at.fhir('/Consent/$check', { as, body }));
  const named = await namesOf({ server: at, bsn, called }, [...answers.values()].flatMap(basisOf));
  const inNames = (said: ReadonlyMap<string, Expected>) =>
    new Map([...said].map(([category, one]) => [category, withNames(one, named)]));
  expect(inNames(answers)).toEqual(expectedOf(ask));
  expect(await secondOpinion(at, bsn, ask)).toEqual(answers);
}

function expectedOf({ expect: expected }: Ask): ReadonlyMap<string, Expected> {
  if (!Array.isArray(expected)) return new Map([['', expected as Expected]]);
  return new Map(
    (expected as readonly (Expected & { dataCategory: string })[]).map(({ dataCategory, ...rest }) => [
      dataCategory,
      rest,
    ]),
  );
}

function basisOf(said: Expected): readonly string[] {
  return 'error' in said ? [] : said.basedOn;
}

function withNames(said: Expected, names: ReadonlyMap<string, string>): Expected {
  if ('error' in said) return said;
  return { ...said, basedOn: said.basedOn.map((reference) => names.get(reference) ?? reference).sort() };
}

/** What a case calls each Consent: its own name for it, or its holder place. Each must be there for the citizen to read. */
async function namesOf(
  { server: at, bsn, called }: Stage,
  references: readonly string[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const reference of new Set(references)) {
    const [, id = '', , version] = reference.split('/');
    const { status, body } = await at.fhir<Consent>(`/${reference}`, { as: `citizen:${bsn}` });
    expect({ status, id: body.id, version: body.meta?.versionId }).toEqual({ status: 200, id, version });
    const holder = body.provision?.actor?.[0]?.reference.identifier?.value ?? '';
    names.set(reference, called.get(id) ?? holder);
  }
  return names;
}
