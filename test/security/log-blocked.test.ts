import { bundle, get } from '../http/bundle.ts';
import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { freshBsn, KARIM } from '../http/people.ts';
import { choice, question } from '../http/questions.ts';
import { inTransaction } from '../../src/storage/database.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';

const server = useTestServer();
const LIMIT_MS = 120_000;
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Calls of every kind inside /fhir, some of which would be refused, and of what is outside it and keeps records. */
function calls(): readonly (readonly [string, Call])[] {
  const bsn = freshBsn();
  return [
    ['/fhir/Consent/$check', { as: 'gp', body: question(KARIM) }],
    ['/fhir/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') }],
    ['/fhir/Consent?status=active', { as: 'gp' }],
    ['/fhir/Organization?type=Z3', { as: 'gp' }],
    ['/fhir/AuditEvent?_count=1', { as: 'auditor' }],
    ['/fhir/', { as: 'gp', body: bundle('batch', [get('Organization?type=Z3')]) }],
    ['/fhir/Consent/$check', { body: question(KARIM) }],
    ['/fhir/Observation', { as: 'gp' }],
    ['/email/confirm', { method: 'POST', headers: FORM, body: 'code=unknown' }],
  ];
}

interface Told {
  readonly path: string;
  readonly status: number;
  readonly text: string;
  readonly records: number;
}

async function told(): Promise<Told[]> {
  return Promise.all(
    calls().map(async ([path, call]) => {
      const { id, headers } = namedRequest();
      const { status, body } = await server().ask(path, { ...call, headers: { ...headers, ...call.headers } });
      return { path, status, text: JSON.stringify(body ?? ''), records: (await logged(server(), id)).length };
    }),
  );
}

describe('while somebody holds the log', () => {
  it(
    'nothing is answered and nothing is read',
    async () => {
      const before = await storedRows(server());
      await inTransaction(server().database.database, async (sql) => {
        await sql.query('lock table audit_event in exclusive mode');
        await sql.query('set local idle_in_transaction_session_timeout = 0');
        const answers = await told();
        expect(answers.map(({ path, status }) => [path, status])).toEqual(answers.map(({ path }) => [path, 503]));
        expect(answers.map(({ records }) => records)).toEqual(answers.map(() => 0));
        for (const { text } of answers) expect(text).not.toMatch(/permit|Bundle|entry|audit_event|lock/);
      });
      expect(await storedRows(server())).toEqual(before);
      const after = await told();
      expect(after.filter(({ path, status }) => path.startsWith('/fhir') && status >= 500)).toEqual([]);
    },
    LIMIT_MS,
  );
});
