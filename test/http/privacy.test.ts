import { useTestServer, type Answer, type Call } from '../setup/test-server.ts';
import { partsOf } from './answers.ts';
import { bundle, get, operation, post } from './bundle.ts';
import type { Stored } from './kinds.ts';
import { freshBsn, freshUra, KARIM, NOOR } from './people.ts';
import { batchOf, choice, question, questionOf } from './questions.ts';
import { rawRequest } from './raw-request.ts';
import { BSN_SYSTEM, consent, organization, patient } from './resources.ts';

const server = useTestServer();
const NAME = 'Kanariepiet';
const UZI = '000012345';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Everything that must stay where it belongs. */
const secrets: string[] = [NAME, UZI];
const refusals: Answer<unknown>[] = [];

async function call(path: string, sent: Call): Promise<Answer<unknown>> {
  const answer = await server().fhir(path, sent);
  if (answer.status >= 400) refusals.push(answer);
  return answer;
}

/** A run of all kinds of calls, good and bad, in which a citizen, a name and tokens occur everywhere they can. */
beforeAll(async () => {
  const bsn = freshBsn();
  const as = `citizen:${bsn}`;
  secrets.push(bsn, NOOR, KARIM);
  for (const who of ['gp', 'exchange', 'auditor', 'admin', as]) {
    secrets.push(...(await server().token(who)).split('.').slice(1));
  }
  const mine = await server().fhir<Stored>('/Patient', { as, body: patient(bsn, { name: [{ family: NAME }] }) });
  const path = `/Patient/${mine.body.id}`;
  const professional = { name: 'professional', valueIdentifier: { value: UZI } };
  const form = (fields: Record<string, string>) => ({
    method: 'POST',
    headers: FORM,
    body: new URLSearchParams(fields).toString(),
  });
  for (const [to, sent] of [
    ['/Consent/$choose', { as, body: choice(bsn, 'all') }],
    ['/Consent/$choose', { as: 'gp', body: choice(bsn, 'all') }],
    ['/Consent/$choose', { as, body: choice(NOOR, 'all') }],
    ['/Consent/$check', { as: 'gp', body: question(bsn, { more: [professional] }) }],
    ['/Consent/$check', { as: 'gp', body: question(bsn, { purpose: NAME }) }],
    ['/Consent/$check', { as: 'gp', body: question(`${bsn}0`) }],
    ['/Consent/$check', { as: 'gp', body: batchOf([questionOf(bsn), questionOf(NAME)]) }],
    ['/Consent/$check', { body: question(bsn) }],
    ['/Consent/$check', { as: 'gp', body: `{"${bsn}": "${NAME}` }],
    [
      '/Consent/$profile',
      { as, body: { resourceType: 'Parameters', parameter: choice(bsn, 'all').parameter.slice(0, 1) } },
    ],
    ['/Patient', { as, body: patient(bsn) }],
    ['/Patient', { as, body: patient(bsn, { gender: NAME, [bsn]: bsn, name: [{ [bsn]: bsn }] }) }],
    ['/Patient', { as, body: patient(NOOR) }],
    [path, { as }],
    [path, { as: 'gp' }],
    [path, { as, method: 'PATCH', body: [{ op: 'test', path: `/${NAME}`, value: bsn }] }],
    [
      path,
      {
        as,
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json-patch+json' },
        body: [{ op: 'replace', path: '/name/0/given/3', value: bsn }],
      },
    ],
    [`${path}/_history`, { as }],
    [`/Patient?name=${NAME}`, { as }],
    [`/Patient?identifier=${bsn}`, { as }],
    [`/Patient/${bsn}`, { as }],
    [`/${bsn}`, { as }],
    [`/Patient?${bsn}=1`, { as }],
    [`/Patient?birthdate=${NAME}`, { as }],
    ['/Patient/_search', { as, ...form({ identifier: `${BSN_SYSTEM}|${bsn}` }) }],
    ['/Patient/_search', { as, ...form({ identifier: `${BSN_SYSTEM}|${NAME}` }) }],
    ['/Patient/_search', { as, ...form({ name: NAME, birthdate: bsn }) }],
    ['/Consent/_search', { as: 'gp', ...form({ 'patient.identifier': bsn }) }],
    ['/AuditEvent/_search', { as: 'auditor', ...form({ 'patient.identifier': bsn }) }],
    ['/Consent', { as, body: consent(bsn) }],
    ['/Consent', { as, body: consent(bsn, { status: NAME }) }],
    ['/Consent', { as, body: consent(NOOR) }],
    ['/Consent', { as, body: consent(bsn), headers: { 'If-None-Exist': `patient.identifier=${bsn}` } }],
    ['/Organization', { as: 'admin', body: organization(freshUra(), { name: NAME, alias: [bsn] }) }],
    ['/Organization', { as: 'admin', body: organization(bsn) }],
    ['/', { as, body: bundle('transaction', [post(patient(bsn)), get(`Patient?identifier=${bsn}`)]) }],
    ['/', { as: 'gp', body: bundle('batch', [operation('Consent/$check', question(bsn)), get(`Patient/${NAME}`)]) }],
    ['/Organization', { as: 'gp', headers: { 'X-Request-Id': bsn, 'User-Agent': `${NAME} ${bsn}` } }],
  ] as [string, Call][]) {
    await call(to, sent);
  }
  const token = await server().token('gp');
  await rawRequest(server().baseUrl, `/fhir/Organization?access_token=${token}&patient=${bsn}`);
  await rawRequest(server().baseUrl, `/${NAME}/${bsn}`, { method: 'BREW', headers: { Authorization: bsn } });
});

function expectClean(text: string): void {
  for (const secret of secrets) expect(text.includes(secret) ? text : '').toBe('');
}

describe('after a run of all kinds of calls', () => {
  it('the run had both answers and refusals in it', () => {
    expect(refusals.length).toBeGreaterThan(15);
    expect(server().logged.length).toBeGreaterThan(30);
  });

  it('no BSN, name or token stands in a line of the log', () => {
    expectClean(server().logged.join('\n'));
    expect(server().logged.join('\n')).not.toMatch(/Bearer|eyJ/);
  });

  it('none stands in the metrics', async () => {
    const { text } = await rawRequest(server().baseUrl, '/metrics');
    expect(text).toContain('akkoord_request_duration_seconds');
    expect(text).toContain('Consent.check');
    expectClean(text);
    expect(text).not.toMatch(/BREW/);
  });

  it('none stands in what was refused, nor how the server is made', () => {
    for (const { body, headers } of refusals) {
      const text = JSON.stringify(body);
      expectClean(text);
      expectClean(JSON.stringify([...headers]));
      expect(text).not.toMatch(/node_modules|\.ts\b|\bat [A-Za-z]+ \(|select |insert |postgres|pg_/);
    }
  });

  it('none stands in the log of accesses', async () => {
    const { rows } = await server().database.database.query<{ line: string }>(
      'select (to_jsonb(a) - $1)::text as line from audit_event as a',
      ['none'],
    );
    const text = rows.map(({ line }) => line).join('\n');
    // The professional who asked is what that log is for.
    for (const secret of secrets.filter((one) => one !== UZI)) expect(text.includes(secret)).toBe(false);
    expect(text).toContain(UZI);
  });

  it('no BSN stands anywhere in the database in the clear', async () => {
    for (const table of ['patient', 'patient_history', 'consent', 'consent_history', 'subscription', 'client']) {
      const { rows } = await server().database.database.query<{ line: string }>(
        `select to_jsonb(t)::text as line from ${table} as t`,
      );
      const text = rows.map(({ line }) => line).join('\n');
      expect(text.match(/(?<![\da-f-])9\d{8}(?![\da-f-])/g) ?? []).toEqual([]);
    }
  });
});

describe('a citizen nobody knows', () => {
  const textOf = async (bsn: string, as = 'gp') => {
    const answer = await rawRequest(server().baseUrl, '/fhir/Consent/$check', {
      method: 'POST',
      headers: { Authorization: `Bearer ${await server().token(as)}`, 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(question(bsn)),
    });
    const { date, 'x-request-id': requestId, ...headers } = answer.headers;
    expect([typeof date, typeof requestId]).toEqual(['string', 'string']);
    const text = answer.text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'TIME');
    return { status: answer.status, headers, text };
  };

  it('is answered, byte for byte, like one who is known and chose nothing', async () => {
    const [unknown, known] = [freshBsn(), freshBsn()];
    await server().fhir('/Patient', { as: `citizen:${known}`, body: patient(known) });
    expect(await textOf(unknown)).toEqual(await textOf(known));
    expect(await textOf(unknown)).toEqual(await textOf(NOOR));
    expect(await textOf(unknown, 'exchange')).toEqual(await textOf(known, 'exchange'));
    expect((await textOf(unknown)).text).toContain('no-consent');
  });

  it('is not made known by being asked about', async () => {
    const bsn = freshBsn();
    await textOf(bsn);
    const { database, vault } = server().server.register;
    const { rowCount } = await database.query('select from patient where patient_key = $1', [vault.keyOf(bsn)]);
    expect(rowCount).toBe(0);
    const chosen = await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
    expect(chosen.status).toBe(200);
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
    expect(partsOf(answer)['decision']?.valueCode).toBe('permit');
  });
});
