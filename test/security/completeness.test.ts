import { readClock } from '../../src/storage/clock.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';
import { bundle, get, operation } from '../http/bundle.ts';
import { freshBsn, freshUra, GP, HOSPITAL, KARIM, PHARMACY } from '../http/people.ts';
import { batchOf, choice, question, questionOf } from '../http/questions.ts';
import { namedRequest } from '../http/ledger.ts';
import { organization } from '../http/resources.ts';
import { completenessOf, type CountedAnswer } from './completeness.ts';

const server = useTestServer();
const database = () => server().database.database;

/** Calls that are granted, refused and broken, with how many records each has to leave. */
function mixed(): readonly (readonly [string, Call, number])[] {
  const bsn = freshBsn();
  const as = `citizen:${bsn}`;
  return [
    ['/Consent/$check', { as: 'gp', body: question(KARIM) }, 1],
    ['/Consent/$check', { as: 'gp', body: question(KARIM, { dataCategory: ['GGC013', 'GGC012'] }) }, 2],
    ['/Consent/$check', { as: 'gp', body: batchOf([questionOf(KARIM), questionOf(bsn, { purpose: 'ETREAT' })]) }, 2],
    ['/Consent/$check', { as: 'gp', body: question(KARIM, { holder: PHARMACY, requester: HOSPITAL }) }, 1],
    ['/Consent/$check', { body: question(KARIM) }, 1],
    ['/Consent/$check', { as: 'gp', body: '{' }, 1],
    ['/Consent/$choose', { as, body: choice(bsn, 'all') }, 1],
    ['/Organization', { as: 'admin', body: organization(freshUra()) }, 1],
    [`/Organization?identifier=${GP}`, { as: 'gp' }, 1],
    ['/Organization?colour=red', { as: 'gp' }, 1],
    ['/Observation', { as: 'gp' }, 1],
    ['/Organization', { as: 'gp', method: 'DELETE' }, 1],
    ['/AuditEvent', { as: 'gp' }, 1],
    [
      '/',
      { as: 'gp', body: bundle('batch', [operation('Consent/$check', question(KARIM)), get('Organization?type=J8')]) },
      3,
    ],
  ];
}

/** Sends everything at once, some of it many times. */
async function run(times: number): Promise<CountedAnswer[]> {
  const calls = Array.from({ length: times }, mixed).flat();
  return Promise.all(
    calls.map(async ([path, call, records]) => {
      const { id, headers } = namedRequest();
      const answer = await server().fhir(path, { ...call, headers });
      expect(answer.status).not.toBe(503);
      expect(answer.headers.get('x-request-id')).toBe(id);
      return { requestId: id, records };
    }),
  );
}

describe('the log of a mixed run', () => {
  it('has as many records as there were answers, request by request', async () => {
    const since = await readClock(database());
    const answers = await run(20);
    const found = await completenessOf(database(), answers, since);
    const expected = answers.reduce((sum, { records = 1 }) => sum + records, 0);
    expect(found).toEqual({ answers: answers.length, records: expected, wrong: [], unanswered: [] });
  });

  it('would show an answer without a record, one with too many, and a record without an answer', async () => {
    const since = await readClock(database());
    const [first, second, ...others] = await run(1);
    const lost = namedRequest().id;
    const told = [{ ...(first as CountedAnswer), records: 7 }, ...others, { requestId: lost }];
    const found = await completenessOf(database(), told, since);
    expect(found.wrong).toEqual([first?.requestId, lost]);
    expect(found.unanswered).toEqual([second?.requestId]);
  });
});
