import type { Bundle, Consent, Patient, Subscription } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { actor, holderCategory, requesterCategory } from '../profiles/sample-consents.ts';
import { verdict } from './answers.ts';
import { grantBody } from './emergency.ts';
import { bornYearsAgo, choose, citizenBorn, consentsOf, decided, parent, patientOf, said, settle } from './family.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, HOSPITAL, PHARMACY } from './people.ts';
import { parameters } from './questions.ts';
import { consent, patient } from './resources.ts';
import { subscription } from './subscription-bodies.ts';

const server = useTestServer();

const CHILD = bornYearsAgo(14);
const AS_PHARMACY = { ura: PHARMACY, type: 'J8' };

async function register(bsn: string, birthDate: string, more: { as?: string; headers?: Record<string, string> } = {}) {
  const { as = 'gp', headers = {} } = more;
  const body = subscription(bsn, { birthDate, ...(as === 'pharmacy' ? AS_PHARMACY : {}) });
  const answer = await server().fhir<Subscription>('/Subscription', { as, body, headers });
  if (![200, 201].includes(answer.status)) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

async function born(bsn: string): Promise<Patient> {
  const answer = await server().fhir<Patient>(`/${await patientOf(server(), bsn)}`, { as: `citizen:${bsn}` });
  return answer.body;
}

const statusesOf = async (bsn: string) =>
  [...new Set((await consentsOf(server(), bsn)).map(({ status }) => status))].sort();

describe('the birth date that a subscription brings', () => {
  it('is that of the Patient, made when there was none', async () => {
    const bsn = freshBsn();
    await register(bsn, '1971-03-09');
    expect((await born(bsn)).birthDate).toBe('1971-03-09');
  });

  it('replaces the one that the citizen said, keeps the rest, and is flagged in the log', async () => {
    const bsn = await citizenBorn(server(), '1980-02-29');
    const { id, headers } = namedRequest();
    await register(bsn, '1981-01-01', { headers });
    expect(await born(bsn)).toMatchObject({ birthDate: '1981-01-01', name: [{ family: 'Visser' }] });
    const [record] = await logged(server(), id);
    const patientId = (await born(bsn)).id ?? '';
    expect(record?.detail.flagged).toBe('birth-date-replaced');
    expect(record?.detail.entities).toContain(`Patient/${patientId}/_history/2`);
    const { body } = await server().fhir<Bundle<Patient>>(`/Patient/${patientId}/_history`, { as: `citizen:${bsn}` });
    expect(body.entry?.map(({ resource }) => resource?.birthDate)).toEqual(['1981-01-01', '1980-02-29']);
  });

  it('the same again changes nothing', async () => {
    const bsn = freshBsn();
    await register(bsn, '1971-03-09');
    const before = await born(bsn);
    const { id, headers } = namedRequest();
    await register(bsn, '1971-03-09', { headers });
    await register(bsn, '1971-03-09', { as: 'pharmacy' });
    expect(await born(bsn)).toEqual(before);
    expect((await logged(server(), id))[0]?.detail.flagged).toBeUndefined();
  });

  it('of a later holder replaces it, and of the first again does not', async () => {
    const bsn = freshBsn();
    await register(bsn, '1971-03-09');
    const { id, headers } = namedRequest();
    await register(bsn, '1971-09-03', { as: 'pharmacy', headers });
    expect((await born(bsn)).birthDate).toBe('1971-09-03');
    expect((await logged(server(), id))[0]?.detail.flagged).toBe('birth-date-replaced');
    await register(bsn, '1971-03-09');
    expect((await born(bsn)).birthDate).toBe('1971-09-03');
  });

  it('cannot be changed by the citizen any more', async () => {
    const bsn = freshBsn();
    await register(bsn, '2012-03-07');
    const { id = '' } = await born(bsn);
    for (const birthDate of ['1990-01-01', '2012-03', undefined]) {
      const body = patient(bsn, { birthDate });
      const answer = await server().fhir(`/Patient/${id}`, { method: 'PUT', as: `citizen:${bsn}`, body });
      expect(verdict(answer)).toBe('422 birth-date-fixed');
    }
  });

  it('counts as its latest day when it is incomplete', async () => {
    const bsn = freshBsn();
    const year = Number(bornYearsAgo(0).slice(0, 4)) - 15;
    await register(bsn, String(year));
    await choose(server(), bsn, 'all');
    expect(await decided(server(), bsn)).toBe('deny minor-unconfirmed');
  });

  it('counts also where no account is left, and again in the next account', async () => {
    const bsn = freshBsn();
    await register(bsn, CHILD);
    const erased = await server().fhir('/Patient/$delete-account', { as: `citizen:${bsn}`, body: parameters([]) });
    expect(erased.status).toBe(200);
    await choose(server(), bsn, 'all');
    expect(await decided(server(), bsn)).toBe('deny minor-unconfirmed');
  });
});

describe('a citizen who turns out to be under 16', () => {
  it('has choices that wait for a parent: no permit counts, every refusal does', async () => {
    const bsn = await citizenBorn(server(), undefined);
    await choose(server(), bsn, said('permit'), said('deny', { requesterCategory: 'RPZAC104' }));
    expect(await decided(server(), bsn)).toBe('permit consent-given');
    const { id, headers } = namedRequest();
    await register(bsn, CHILD, { headers });
    expect(await decided(server(), bsn)).toBe('deny minor-unconfirmed');
    expect(await decided(server(), bsn, { requester: HOSPITAL })).toBe('deny consent-refused');
    expect(await statusesOf(bsn)).toEqual(['proposed']);
    const [written] = await consentsOf(server(), bsn);
    const reference = `Consent/${written?.id ?? ''}/_history/${written?.meta?.versionId ?? ''}`;
    expect((await logged(server(), id))[0]?.detail.entities).toContain(reference);
    await settle(server(), bsn, await parent(server()));
    expect(await decided(server(), bsn)).toBe('permit consent-given');
    expect(await decided(server(), bsn, { requester: HOSPITAL })).toBe('deny consent-refused');
  });

  it('keeps what a parent confirmed', async () => {
    const bsn = await citizenBorn(server(), CHILD);
    await choose(server(), bsn, said('permit'));
    await settle(server(), bsn, await parent(server()));
    const before = await consentsOf(server(), bsn);
    await register(bsn, bornYearsAgo(13));
    expect(await consentsOf(server(), bsn)).toEqual(before);
    expect(await decided(server(), bsn)).toBe('permit consent-given');
  });

  it('keeps an emergency grant', async () => {
    const bsn = freshBsn();
    const grant = await server().fhir('/Consent/$grant-emergency', { as: 'post', body: grantBody(bsn) });
    expect(grant.status).toBe(200);
    const before = await consentsOf(server(), bsn);
    await register(bsn, CHILD);
    expect(await consentsOf(server(), bsn)).toEqual(before);
  });

  it('gets nothing back that a later choice had overtaken', async () => {
    const bsn = freshBsn();
    const record = async (given: string, ...categories: string[]) => {
      const actors = categories.map((category) => actor('IRCP', requesterCategory(category)));
      const provision = {
        ...consent(bsn).provision,
        actor: [actor('CST', holderCategory('HA'))],
        provision: [{ type: given, actor: actors }],
      };
      const answer = await server().fhir<Consent>('/Consent', {
        as: `citizen:${bsn}`,
        body: consent(bsn, { provision }),
      });
      expect(answer.status).toBe(201);
      return answer.body.id ?? '';
    };
    const whole = await record('deny', 'RPZAC005');
    const partly = await record('deny', 'RPZAC005', 'RPZAC104');
    await record('permit', 'RPZAC005');
    await register(bsn, CHILD);
    const statuses = new Map((await consentsOf(server(), bsn)).map(({ id, status }) => [id, status]));
    expect([statuses.get(whole), statuses.get(partly)]).toEqual(['inactive', 'proposed']);
    expect(await decided(server(), bsn)).toBe('deny minor-unconfirmed');
    expect(await decided(server(), bsn, { requester: HOSPITAL })).toBe('deny consent-refused');
  });

  it.each([
    ['16 today', bornYearsAgo(16), 'permit consent-given'],
    ['16 tomorrow', bornYearsAgo(16, 1), 'deny minor-unconfirmed'],
  ])('is one who is not yet 16: %s', async (_, birthDate, expected) => {
    const bsn = freshBsn();
    await choose(server(), bsn, 'all');
    await register(bsn, birthDate);
    expect(await decided(server(), bsn)).toBe(expected);
  });
});
