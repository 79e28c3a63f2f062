import pg from 'pg';
import { useTestServer, type Answer } from '../setup/test-server.ts';
import { partsOf } from './answers.ts';
import { bundle, get, operation } from './bundle.ts';
import { storedRows } from './ledger.ts';
import { freshBsn, freshUra, KARIM } from './people.ts';
import { batchOf, choice, question, questionOf } from './questions.ts';
import { organization } from './resources.ts';

const server = useTestServer();

/** One call of every kind that needs the register, each of which would succeed. */
async function everyKind(): Promise<[string, Answer<unknown>][]> {
  const bsn = freshBsn();
  const citizen = `citizen:${KARIM}`;
  return [
    ['a check', await server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM) })],
    ['a check by a citizen', await server().fhir('/Consent/$check', { as: citizen, body: question(KARIM) })],
    ['many checks', await server().fhir('/Consent/$check', { as: 'gp', body: batchOf([questionOf(KARIM)]) })],
    [
      'an auditor’s check',
      await server().fhir('/Consent/$check', {
        as: 'auditor',
        body: question(KARIM, { knownAt: '2999-01-01T00:00:00Z' }),
      }),
    ],
    ['a choice', await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') })],
    ['a new organisation', await server().fhir('/Organization', { as: 'admin', body: organization(freshUra()) })],
    ['a search', await server().fhir('/Consent?status=active', { as: 'gp' })],
    ['a read of the log', await server().fhir('/AuditEvent?_count=1', { as: 'auditor' })],
    [
      'a transaction',
      await server().fhir('/', { as: 'admin', body: bundle('transaction', [get('Organization?type=Z3')]) }),
    ],
    [
      'a batch',
      await server().fhir('/', { as: 'gp', body: bundle('batch', [operation('Consent/$check', question(KARIM))]) }),
    ],
  ];
}

/** Calls that would have been refused: the refusal cannot be recorded, so it is not given either. */
async function everyRefusal(): Promise<[string, Answer<unknown>][]> {
  return [
    ['nobody', await server().fhir('/Consent/$check', { body: question(KARIM) })],
    ['another holder', await server().fhir('/Consent/$check', { as: 'pharmacy', body: question(KARIM) })],
    ['no address', await server().fhir('/Observation', { as: 'gp' })],
    ['no JSON', await server().fhir('/Consent/$check', { as: 'gp', body: '{' })],
    ['not permitted', await server().fhir('/AuditEvent', { as: 'gp' })],
  ];
}

function expectUnavailable(answers: readonly [string, Answer<unknown>][]): void {
  for (const [kind, { status, headers, body }] of answers) {
    expect([kind, status]).toEqual([kind, 503]);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(body).toMatchObject({ resourceType: 'OperationOutcome' });
    const text = JSON.stringify(body);
    expect(text).not.toMatch(/permit|select |insert |audit_event|relation|at .*\.ts/);
  }
}

async function expectWorking(): Promise<void> {
  expect((await everyKind()).map(([kind, { status }]) => [kind, status < 300])).toEqual(
    (await everyKind()).map(([kind]) => [kind, true]),
  );
  const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM) });
  expect(partsOf(answer)['decision']?.valueCode).toBe('permit');
}

const REFUSE = `
  create function refuse_append() returns trigger language plpgsql as $$
  begin raise exception 'no more'; end $$;
  create trigger refuse_append before insert on audit_event for each row execute function refuse_append()`;

const failures = [
  ['refuses every record', REFUSE, 'drop trigger refuse_append on audit_event; drop function refuse_append'],
  ['is gone', 'alter table audit_event rename to lost', 'alter table lost rename to audit_event'],
  [
    'has lost a column',
    'alter table audit_event rename column outcome to lost',
    'alter table audit_event rename column lost to outcome',
  ],
] as const;

describe.each(failures)('while the log %s', (_, breakIt, mendIt) => {
  const run = (statements: string) => server().database.database.query(statements);

  it('everything is answered with 503 and nothing is stored; afterwards all is well', async () => {
    await expectWorking();
    const before = await storedRows(server());
    await run(breakIt);
    try {
      expectUnavailable(await everyKind());
      expectUnavailable(await everyRefusal());
      expect(await storedRows(server())).toEqual(before);
      expect((await server().fhir('/metadata')).status).toBe(200);
    } finally {
      await run(mendIt);
    }
    await expectWorking();
  });
});

describe('while the database', () => {
  /** Runs a statement beside the database of this test. */
  async function beside(...statements: readonly string[]): Promise<void> {
    const url = new URL(server().database.url);
    url.pathname = '/postgres';
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }
  const name = () => new URL(server().database.url).pathname.slice(1);
  const terminate = () => `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}'`;
  const ready = async () => (await fetch(`${server().baseUrl}/health/ready`)).status;

  it('is out of reach everything is answered with 503; afterwards all is well', async () => {
    expect(await ready()).toBe(200);
    await beside(`alter database ${name()} allow_connections false`, terminate());
    try {
      expectUnavailable(await everyKind());
      expectUnavailable(await everyRefusal());
      expect(await ready()).toBe(503);
      expect((await fetch(`${server().baseUrl}/health/live`)).status).toBe(200);
    } finally {
      await beside(`alter database ${name()} allow_connections true`);
    }
    expect(await ready()).toBe(200);
    await expectWorking();
  });

  it('drops its connections, answers are a permit or 503, and soon a permit', async () => {
    const ask = () => server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM) });
    const answers: Promise<Answer<unknown>>[] = [];
    for (let round = 0; round < 10; round += 1) {
      answers.push(...Array.from({ length: 5 }, ask));
      await beside(terminate());
    }
    for (const answer of await Promise.all(answers)) {
      expect([200, 503]).toContain(answer.status);
      if (answer.status === 200) expect(partsOf(answer)['decision']?.valueCode).toBe('permit');
    }
    await expectWorking();
  });

  it('is broken while it works, it says so in its log without a number of a citizen', () => {
    const lines = server().logged.filter((line) => line.includes('"error"'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toMatch(/(?<![\da-f-])\d{9}(?![\da-f-])/);
  });
});
