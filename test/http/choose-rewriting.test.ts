import type { Consent, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import type { Place } from '../../src/decision/consent-profile.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { useTestServer } from '../setup/test-server.ts';
import { freshBsn, freshUra, GP, HOSPITAL, PHARMACY, POST } from './people.ts';
import { type Asked, choice, question } from './questions.ts';
import { organization, patient, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

const HA: Place = { kind: 'category', code: 'HA' };
type Given = Record<string, 'permit' | 'deny'>;

async function freshCitizen(): Promise<{ bsn: string; reference: string }> {
  const bsn = freshBsn();
  const made = await server().fhir<{ id: string }>('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) });
  return { bsn, reference: `Patient/${made.body.id}` };
}

/** Posts one Consent of the citizen's own, beside whatever there is. */
async function post(citizen: { bsn: string; reference: string }, given: Given, holder = HA, category = 'GGC002') {
  const body = consentOf({
    status: 'active',
    patient: citizen.reference,
    performer: citizen.reference,
    holder,
    category,
    answers: Object.entries(given).map(([code, decision]) => ({ requester: { kind: 'category', code }, decision })),
    dateTime: Date.parse('2026-01-05T09:00:00Z'),
    origin: 'portal',
    catalogueVersion: '3960100',
  });
  const made = await server().fhir<Consent>('/Consent', { as: `citizen:${citizen.bsn}`, body });
  expect(made.status).toBe(201);
}

async function choose(bsn: string, part: readonly object[]): Promise<void> {
  const body = choice(bsn, 'certain', [[...part]]);
  const answer = await server().fhir<OperationOutcome>('/Consent/$choose', { as: `citizen:${bsn}`, body });
  expect(answer.status).toBe(200);
}

const holderCategory = { name: 'holderCategory', valueCode: 'HA' };
const requesterCategory = (valueCode: string) => ({ name: 'requesterCategory', valueCode });
const decision = (valueCode: string) => ({ name: 'decision', valueCode });

async function reasonOf(bsn: string, asked: Asked): Promise<string | undefined> {
  const answer = await server().fhir<Parameters>('/Consent/$check', { as: 'exchange', body: question(bsn, asked) });
  return answer.body.parameter?.find(({ name }) => name === 'reason')?.valueCoding?.code;
}

describe('a choice that rewrites a Consent', () => {
  it.each(['clear', 'deny'])('(%s) does not bring back a permit that a later refusal has overtaken', async (word) => {
    const citizen = await freshCitizen();
    await post(citizen, { RPZAC104: 'permit', RPZAC005: 'permit' });
    await post(citizen, { RPZAC104: 'deny' });
    await post(citizen, { RPZAC001: 'permit' });
    expect(await reasonOf(citizen.bsn, { requester: HOSPITAL })).toBe('consent-refused');
    await choose(citizen.bsn, [holderCategory, requesterCategory('RPZAC005'), decision(word)]);
    expect(await reasonOf(citizen.bsn, { requester: HOSPITAL })).toBe('consent-refused');
    expect(await reasonOf(citizen.bsn, { requester: POST })).toBe('consent-given');
    expect(await reasonOf(citizen.bsn, { requester: PHARMACY })).toBe(
      word === 'deny' ? 'consent-refused' : 'no-consent',
    );
  });

  it('leaves a permit that nothing has overtaken', async () => {
    const citizen = await freshCitizen();
    await post(citizen, { RPZAC104: 'deny' });
    await post(citizen, { RPZAC104: 'permit', RPZAC005: 'permit' });
    await choose(citizen.bsn, [holderCategory, requesterCategory('RPZAC005'), decision('clear')]);
    expect(await reasonOf(citizen.bsn, { requester: HOSPITAL })).toBe('consent-given');
  });

  it('does not widen the data that another answer was given for', async () => {
    const ura = freshUra();
    const type = ['Z3', 'J8'].map((code) => ({ coding: [{ system: TYPE_SYSTEM, code }] }));
    await server().fhir('/Organization', { as: 'admin', body: organization(ura, { type }) });
    const citizen = await freshCitizen();
    await post(citizen, { RPZAC001: 'permit' }, { kind: 'organisation', ura }, 'GGC013');
    const asked = { holder: ura, holderType: 'Z3', requester: POST, dataCategory: 'GGC002' };
    expect(await reasonOf(citizen.bsn, asked)).toBe('data-category-not-covered');
    const holder = { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: ura } };
    await choose(citizen.bsn, [holder, requesterCategory('RPZAC005'), decision('deny')]);
    expect(await reasonOf(citizen.bsn, asked)).toBe('data-category-not-covered');
    expect(await reasonOf(citizen.bsn, { ...asked, dataCategory: 'GGC013' })).toBe('consent-given');
    expect(await reasonOf(citizen.bsn, { ...asked, requester: PHARMACY })).toBe('consent-refused');
  });

  it('finds room for a refusal beside a hundred individual answers', async () => {
    const { bsn } = await freshCitizen();
    const requesters = Array.from({ length: 100 }, () => ({
      name: 'requester',
      valueIdentifier: { system: URA_SYSTEM, value: freshUra() },
    }));
    await choose(bsn, [holderCategory, ...requesters, decision('permit')]);
    await choose(bsn, [holderCategory, decision('deny')]);
    expect(await reasonOf(bsn, { holder: GP, requester: PHARMACY })).toBe('consent-refused');
  });
});
