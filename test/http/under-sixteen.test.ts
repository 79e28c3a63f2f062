import type { Bundle, Consent, OperationOutcome, Parameters, Patient } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { freshBsn } from './people.ts';
import { choice, question } from './questions.ts';
import { consent, patient } from './resources.ts';

const server = useTestServer();

const pharmacies = (decision: string) => [
  { name: 'holderCategory', valueCode: 'HA' },
  { name: 'requesterCategory', valueCode: 'RPZAC005' },
  { name: 'decision', valueCode: decision },
];

/** A citizen with this birth date; without one, nobody has said it yet. */
async function citizenBorn(birthDate: string | undefined): Promise<{ bsn: string; id: string; as: string }> {
  const bsn = freshBsn();
  const as = `citizen:${bsn}`;
  const made = await server().fhir<Patient>('/Patient', { as, body: patient(bsn, { birthDate }) });
  expect(made.status).toBe(201);
  return { bsn, as, id: made.body.id ?? '' };
}

async function choose(bsn: string, decision: string): Promise<Consent[]> {
  const body = choice(bsn, 'certain', [pharmacies(decision)]);
  const answer = await server().fhir<Bundle<Consent>>('/Consent/$choose', { as: `citizen:${bsn}`, body });
  expect(answer.status).toBe(200);
  return (answer.body.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

async function reasonOf(bsn: string): Promise<string | undefined> {
  const answer = await server().fhir<Parameters>('/Consent/$check', { as: 'gp', body: question(bsn) });
  return answer.body.parameter?.find(({ name }) => name === 'reason')?.valueCoding?.code;
}

function change(as: string, method: string, { id = '', meta }: Consent, body?: object) {
  const headers = { 'If-Match': `W/"${meta?.versionId ?? ''}"` };
  return server().fhir<OperationOutcome>(`/Consent/${id}`, { method, as, headers, ...(body && { body }) });
}

const codeOf = (outcome: OperationOutcome) => outcome.issue[0]?.details?.coding?.[0]?.code;
const CHILD = '2014-06-01';
const ADULT = '1984-06-01';

describe('a refusal of a citizen under 16', () => {
  it('stays when a permit follows it, until that is confirmed', async () => {
    const { bsn } = await citizenBorn(CHILD);
    await choose(bsn, 'deny');
    expect(await reasonOf(bsn)).toBe('consent-refused');
    const now = await choose(bsn, 'permit');
    expect(now).toHaveLength(2);
    expect(await reasonOf(bsn)).toBe('minor-unconfirmed');
  });

  it('is replaced at once from 16', async () => {
    const { bsn } = await citizenBorn(ADULT);
    await choose(bsn, 'deny');
    await choose(bsn, 'permit');
    expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('is not cleared', async () => {
    const { bsn } = await citizenBorn(CHILD);
    await choose(bsn, 'deny');
    await choose(bsn, 'clear');
    expect(await reasonOf(bsn)).toBe('consent-refused');
  });

  it('is cleared from 16', async () => {
    const { bsn } = await citizenBorn(ADULT);
    await choose(bsn, 'deny');
    await choose(bsn, 'clear');
    expect(await reasonOf(bsn)).toBe('no-consent');
  });

  it.each(['DELETE', 'inactive', 'entered-in-error', 'permit'])('is not taken back by %s', async (way) => {
    const { bsn, as } = await citizenBorn(CHILD);
    const [refusal] = await choose(bsn, 'deny');
    if (refusal === undefined) throw new Error('nothing was recorded');
    const permitting = { ...consent(bsn), id: refusal.id, status: 'proposed' };
    const body = way === 'permit' ? permitting : { ...refusal, status: way };
    const answer = await (way === 'DELETE' ? change(as, 'DELETE', refusal) : change(as, 'PUT', refusal, body));
    expect([answer.status, codeOf(answer.body)]).toEqual([409, 'refusal-needs-parent']);
    expect(await reasonOf(bsn)).toBe('consent-refused');
  });

  it.each(['DELETE', 'inactive', 'entered-in-error'])('is taken back by %s from 16', async (way) => {
    const { bsn, as } = await citizenBorn(ADULT);
    const [refusal] = await choose(bsn, 'deny');
    if (refusal === undefined) throw new Error('nothing was recorded');
    const body = { ...refusal, status: way };
    const answer = await (way === 'DELETE' ? change(as, 'DELETE', refusal) : change(as, 'PUT', refusal, body));
    expect([200, 204]).toContain(answer.status);
    expect(await reasonOf(bsn)).toBe('no-consent');
  });

  it('leaves permits free to be withdrawn', async () => {
    const { bsn, as } = await citizenBorn(CHILD);
    const [permit] = await choose(bsn, 'permit');
    if (permit === undefined) throw new Error('nothing was recorded');
    expect((await change(as, 'DELETE', permit)).status).toBe(204);
  });
});

describe('a birth date', () => {
  it('that makes a citizen under 16 waits until no choice stands', async () => {
    const { bsn, id, as } = await citizenBorn(undefined);
    const [made] = await choose(bsn, 'permit');
    const body = { ...patient(bsn), birthDate: CHILD };
    const refused = await server().fhir<OperationOutcome>(`/Patient/${id}`, { method: 'PUT', as, body });
    expect([refused.status, codeOf(refused.body)]).toEqual([409, 'choices-stand']);
    if (made === undefined) throw new Error('nothing was recorded');
    await change(as, 'DELETE', made);
    expect((await server().fhir(`/Patient/${id}`, { method: 'PUT', as, body })).status).toBe(200);
  });

  it('of an adult may be given while choices stand', async () => {
    const { bsn, id, as } = await citizenBorn(undefined);
    await choose(bsn, 'permit');
    const body = { ...patient(bsn), birthDate: ADULT };
    expect((await server().fhir(`/Patient/${id}`, { method: 'PUT', as, body })).status).toBe(200);
  });

  it.each(['9990-01-01', '9999', '2999-12'])('of the future (%s) is refused', async (birthDate) => {
    const bsn = freshBsn();
    const body = { ...patient(bsn), birthDate };
    const answer = await server().fhir<OperationOutcome>('/Patient', { as: `citizen:${bsn}`, body });
    expect([answer.status, codeOf(answer.body)]).toEqual([422, 'birth-date-in-future']);
  });

  it('once given is fixed', async () => {
    const { bsn, id, as } = await citizenBorn(CHILD);
    const body = { ...patient(bsn), birthDate: ADULT };
    const answer = await server().fhir<OperationOutcome>(`/Patient/${id}`, { method: 'PUT', as, body });
    expect([answer.status, codeOf(answer.body)]).toEqual([422, 'birth-date-fixed']);
  });
});

describe('a Consent through FHIR', () => {
  it('is not new and withdrawn at once', async () => {
    const { bsn, as } = await citizenBorn(ADULT);
    const body = { ...consent(bsn), status: 'inactive' };
    const answer = await server().fhir<OperationOutcome>('/Consent', { as, body });
    expect([answer.status, codeOf(answer.body)]).toEqual([422, 'status-not-new']);
  });

  it('changes its status and nothing else when it is withdrawn', async () => {
    const { bsn, as } = await citizenBorn(ADULT);
    const made = await server().fhir<Consent>('/Consent', { as, body: consent(bsn) });
    const body = { ...consent(bsn), id: made.body.id, status: 'inactive', dateTime: '2001-01-01' };
    const headers = { 'If-Match': 'W/"1"' };
    const after = await server().fhir<Consent>(`/Consent/${made.body.id ?? ''}`, { method: 'PUT', as, body, headers });
    expect(after.status).toBe(200);
    expect(after.body).toMatchObject({ status: 'inactive', dateTime: made.body.dateTime });
  });

  it('stays with its holder', async () => {
    const { bsn, as } = await citizenBorn(ADULT);
    const made = await server().fhir<Consent>('/Consent', { as, body: consent(bsn) });
    const text = JSON.stringify(consent(bsn)).replace('"HA"', '"ZKH"');
    const body = { ...(JSON.parse(text) as object), id: made.body.id };
    const headers = { 'If-Match': 'W/"1"' };
    const answer = await server().fhir<OperationOutcome>(`/Consent/${made.body.id ?? ''}`, {
      method: 'PUT',
      as,
      body,
      headers,
    });
    expect([answer.status, codeOf(answer.body)]).toEqual([422, 'holder-changed']);
  });
});
