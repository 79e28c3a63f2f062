import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { freshCitizen } from './scenarios-citizen.ts';

interface Row {
  readonly example: string;
  readonly verdict: 'accept' | 'refuse';
  /** Code and element of each issue that the profiles find. */
  readonly why: readonly string[];
}

const EXAMPLES = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
const table = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fhir/hl7-examples.json'), 'utf8'),
) as readonly Row[];
const COUNT = { Consent: 12, Patient: 22, Organization: 13, AuditEvent: 9 };
const caller = { Consent: `citizen:${freshCitizen()}`, Patient: `citizen:${freshCitizen()}`, Organization: 'admin' };

/** The most issues that one answer tells. */
const MOST_TOLD = 50;

const server = useTestServer();

describe.each(['Consent', 'Patient', 'Organization'] as const)("HL7's R4 examples of %s", (type) => {
  it('are all in the table', () => {
    expect(rowsOf(type)).toHaveLength(COUNT[type]);
  });

  it.each(rowsOf(type))('are answered as our profiles have it: %s', async (example, { verdict, why }) => {
    const call = { as: caller[type], body: read(example) };
    const { status, body } = await server().fhir<OperationOutcome>(`/${type}`, call);
    if (verdict === 'accept') expect(status).toBe(201);
    else expect([status, issuesIn(body)]).toEqual([422, why.slice(0, MOST_TOLD)]);
  });

  it.each(rowsOf(type))('are no better as an update: %s', async (example) => {
    const body = read(example);
    const { id } = JSON.parse(body) as { id: string };
    const call = { as: caller[type], method: 'PUT', body, headers: { 'If-Match': 'W/"1"' } };
    const answer = await server().fhir<OperationOutcome>(`/${type}/${id}`, call);
    expect([400, 404, 405, 412, 422]).toContain(answer.status);
    expect(answer.body.resourceType).toBe('OperationOutcome');
  });

  it('leave nothing behind but the record of the attempts', async () => {
    const { database } = server().database;
    const names = rowsOf(type).filter(([, { verdict }]) => verdict === 'refuse');
    const ids = names.map(([example]) => (JSON.parse(read(example)) as { id: string }).id);
    const { rows } = await database.query(`select id from ${type.toLowerCase()} where id = any($1::text[])`, [ids]);
    expect(rows).toEqual([]);
    const made = await database.query('select 1 from audit_event where interaction = $1 and outcome = $2', [
      `${type}.create`,
      '4',
    ]);
    expect(made.rows).toHaveLength(names.length);
  });
});

describe("HL7's R4 examples of AuditEvent", () => {
  it('are all in the table', () => {
    expect(rowsOf('AuditEvent')).toHaveLength(COUNT.AuditEvent);
  });

  it.each(rowsOf('AuditEvent'))('are not taken: nobody but the server writes its log: %s', async (example) => {
    const call = { as: 'auditor', body: read(example) };
    const answer = await server().fhir<OperationOutcome>('/AuditEvent', call);
    expect([answer.status, issuesIn(answer.body)]).toEqual([405, ['method-not-allowed ']]);
  });
});

function rowsOf(type: keyof typeof COUNT): [string, Row][] {
  return table.filter(({ example }) => example.startsWith(`${type}-`)).map((row) => [row.example, row]);
}

function read(example: string): string {
  return readFileSync(join(EXAMPLES, `${example}.json`), 'utf8');
}

/** Code and element of each issue, as the table has them. */
function issuesIn(outcome: OperationOutcome): string[] {
  expect(outcome.resourceType).toBe('OperationOutcome');
  return outcome.issue.map(({ details, expression }) => `${details?.coding?.[0]?.code ?? ''} ${expression?.[0] ?? ''}`);
}
