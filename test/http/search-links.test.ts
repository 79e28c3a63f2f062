import type { Bundle } from '@medplum/fhirtypes';
import { actor, holderCategory, requesterCategory } from '../profiles/sample-consents.ts';
import { useTestServer } from '../setup/test-server.ts';
import { idsOf, nextOf, verdict } from './answers.ts';
import { get, sendBundle, statusesOf } from './bundle.ts';
import { ELS, freshBsn, KARIM } from './people.ts';
import { choice } from './questions.ts';
import { BSN_SYSTEM, consent, patient } from './resources.ts';

const server = useTestServer();

const search = (type: string, as: string, fields: Record<string, string>) =>
  server().fhir<Bundle>(`/${type}/_search`, {
    method: 'POST',
    as,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
const linksOf = ({ body }: { readonly body: Bundle }) => JSON.stringify(body.link);

/** Ids of the Patients behind the numbers: what no link may give away. */
async function patientId(bsn: string): Promise<string> {
  const [id = ''] = idsOf(await search('Patient', `citizen:${bsn}`, { identifier: bsn }));
  expect(id).not.toBe('');
  return id;
}

beforeAll(async () => {
  const as = `citizen:${KARIM}`;
  const provision = {
    ...consent(KARIM).provision,
    actor: [actor('CST', holderCategory('ZKH'))],
    provision: [{ type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC001'))] }],
  };
  for (let count = 0; count < 3; count += 1) {
    const answer = await server().fhir('/Consent', { as, body: consent(KARIM, { provision }) });
    expect(answer.status).toBe(201);
  }
  await server().fhir('/Consent/$choose', { as: `citizen:${ELS}`, body: choice(ELS, 'none') });
});

describe('the links of a search by BSN', () => {
  it.each([
    ['Consent', 'gp'],
    ['Consent', 'hospital'],
    ['Consent', `citizen:${KARIM}`],
    ['AuditEvent', `citizen:${KARIM}`],
  ])('of %s, for %s, are the same to the letter for a citizen out of sight and for nobody', async (type, as) => {
    const [hidden, nobody] = [
      await search(type, as, { 'patient.identifier': ELS, _count: '1' }),
      await search(type, as, { 'patient.identifier': freshBsn(), _count: '1' }),
    ];
    expect(hidden.body.link).toEqual([{ relation: 'self', url: `${server().baseUrl}/fhir/${type}?_count=1` }]);
    expect(linksOf(nobody)).toBe(linksOf(hidden));
    expect(linksOf(hidden)).not.toContain(await patientId(ELS));
  });

  it('of Patient are, too', async () => {
    const as = `citizen:${KARIM}`;
    const links = [ELS, freshBsn(), KARIM].map(async (bsn) =>
      linksOf(await search('Patient', as, { identifier: bsn })),
    );
    expect(new Set(await Promise.all(links)).size).toBe(1);
  });

  it.each(['hospital', `citizen:${KARIM}`])('lead %s through everything, and show no citizen', async (as) => {
    const fields = { 'patient.identifier': `${BSN_SYSTEM}|${KARIM}` };
    const whole = idsOf(await search('Consent', as, fields));
    const id = await patientId(KARIM);
    const found: string[] = [];
    let answer = await search('Consent', as, { ...fields, _count: '1' });
    for (;;) {
      found.push(...idsOf(answer));
      expect(linksOf(answer)).not.toMatch(new RegExp(`${KARIM}|${id}|patient`));
      const next = nextOf(answer);
      if (next === undefined) break;
      answer = await server().fhir<Bundle>(next, { as });
      expect(answer.status).toBe(200);
    }
    expect(whole.length).toBeGreaterThan(2);
    expect(found).toEqual(whole);
  });

  it('narrow the search as the Patient beside the BSN does', async () => {
    const as = `citizen:${KARIM}`;
    const id = await patientId(KARIM);
    const both = await search('Consent', as, { patient: `Patient/${id}`, 'patient.identifier': KARIM, _count: '1' });
    expect(both.status).toBe(200);
    expect((await server().fhir(nextOf(both) ?? '', { as })).status).toBe(200);
    const other = await search('Consent', as, { patient: 'Patient/other', 'patient.identifier': KARIM });
    expect(idsOf(other)).toEqual([]);
  });

  it('work in a batch as well', async () => {
    const first = await search('Consent', 'hospital', { 'patient.identifier': KARIM, _count: '1' });
    const answer = await sendBundle(server(), 'hospital', 'batch', [get((nextOf(first) ?? '').slice(1))]);
    expect(statusesOf(answer)).toEqual(['200']);
  });

  it('cannot be changed, and belong to their search', async () => {
    const as = 'auditor';
    const first = await search('AuditEvent', as, { 'patient.identifier': KARIM, _count: '1' });
    const next = nextOf(first) ?? '';
    const sealedAt = next.lastIndexOf('.') + 1;
    const swapped = next[sealedAt] === 'A' ? 'B' : 'A';
    for (const broken of [
      `${next.slice(0, sealedAt)}${swapped}${next.slice(sealedAt + 1)}`,
      next.slice(0, sealedAt),
      next.slice(0, -1),
      `${next}A`,
      `${next}.AAAA`,
    ]) {
      expect(verdict(await server().fhir(broken, { as }))).toBe('400 invalid-cursor');
    }
    const elsewhere = `/Consent?${next.slice(next.indexOf('?') + 1)}`;
    expect(verdict(await server().fhir(elsewhere, { as: 'hospital' }))).toBe('400 invalid-cursor');
    expect((await server().fhir(next, { as })).status).toBe(200);
  });

  it('are refused before they grow too long to be sent', async () => {
    const bsns = Array.from({ length: 100 }, freshBsn);
    expect((await search('Consent', 'hospital', { 'patient.identifier': bsns.join(',') })).status).toBe(200);
    const answer = await search('Patient', `citizen:${KARIM}`, { name: 'a'.repeat(10_000) });
    expect(verdict(answer)).toBe('400 search-too-long');
  });
});

describe('the name of a citizen', () => {
  const bsn = freshBsn();
  const as = `citizen:${bsn}`;

  beforeAll(async () => {
    expect((await server().fhir('/Patient', { as, body: patient(bsn) })).status).toBe(201);
  });

  it.each(['name', 'family', 'name:exact', 'family:contains'])('is searched for in a body by %s', async (parameter) => {
    const answer = await search('Patient', as, { [parameter]: 'Visser', birthdate: '1980-02-29' });
    expect(idsOf(answer)).toHaveLength(1);
    expect(answer.body.link).toEqual([
      { relation: 'self', url: `${server().baseUrl}/fhir/Patient?birthdate=1980-02-29` },
    ]);
  });

  it.each(['name', 'family', 'name:exact', 'family:contains'])('stands in no address: %s', async (parameter) => {
    const path = `Patient?${parameter}=Visser`;
    const answer = await server().fhir(`/${path}`, { as });
    expect(verdict(answer)).toBe('400 name-in-url');
    expect(JSON.stringify(answer.body)).not.toContain('Visser');
    const posted = await server().fhir(`/Patient/_search?${parameter}=Visser`, { as, method: 'POST' });
    expect(verdict(posted)).toBe('400 name-in-url');
    expect(statusesOf(await sendBundle(server(), as, 'batch', [get(path)]))).toEqual(['400']);
    const condition = { 'If-None-Exist': `${parameter}=Visser` };
    const created = await server().fhir('/Patient', { as, headers: condition, body: patient(bsn) });
    expect(verdict(created)).toBe('400 name-in-url');
  });

  it('of an organisation is no secret', async () => {
    expect((await server().fhir('/Organization?name=De', { as })).status).toBe(200);
  });
});
