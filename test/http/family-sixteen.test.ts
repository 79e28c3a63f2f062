import type { Consent } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import * as family from './family.ts';
import { GP, HOSPITAL } from './people.ts';
import { choice, parameters } from './questions.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const { said } = family;
const HOSPITALS = { requesterCategory: 'RPZAC104' };

const aChild = () => family.child(server());
const aParent = () => family.parent(server());
const choose = (bsn: string, ...answers: object[][]) => family.choose(server(), bsn, ...answers);
const toPharmacy = (bsn: string) => family.decided(server(), bsn);
const toHospital = (bsn: string) => family.decided(server(), bsn, { requester: HOSPITAL });

function put(bsn: string, consent: Consent | undefined, change: object) {
  const headers = { 'If-Match': `W/"${consent?.meta?.versionId ?? ''}"` };
  const body = { ...consent, ...change };
  return server().fhir<Consent>(`/Consent/${consent?.id ?? ''}`, {
    method: 'PUT',
    as: `citizen:${bsn}`,
    headers,
    body,
  });
}

describe('from the 16th birthday', () => {
  it('what a parent confirmed stays valid, and what waits keeps waiting', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await family.settle(server(), child, parent);
    await choose(child, said('permit', HOSPITALS));
    await family.turnSixteen(server(), child);
    expect([await toPharmacy(child), await toHospital(child)]).toEqual([
      'permit consent-given',
      'deny minor-unconfirmed',
    ]);
  });

  it('no code is given for what waits', async () => {
    const child = await aChild();
    await choose(child, said('permit'));
    await family.turnSixteen(server(), child);
    expect(verdict(await family.askCode(server(), child))).toBe('422 not-under-sixteen');
  });

  it('what waits counts once the citizen makes it active', async () => {
    const child = await aChild();
    const [waiting] = await choose(child, said('permit'));
    expect(verdict(await put(child, waiting, { status: 'active' }))).toBe('422 status-not-for-age');
    await family.turnSixteen(server(), child);
    expect((await put(child, waiting, { status: 'active' })).status).toBe(200);
    expect(await toPharmacy(child)).toBe('permit consent-given');
  });

  it('what waits counts once the citizen chooses it again', async () => {
    const child = await aChild();
    await choose(child, said('permit'));
    await family.turnSixteen(server(), child);
    await choose(child, said('permit'));
    expect(await toPharmacy(child)).toBe('permit consent-given');
  });

  it('what waits does not count by its own version alone', async () => {
    const child = await aChild();
    const [waiting] = await choose(child, said('permit'));
    await family.turnSixteen(server(), child);
    expect(verdict(await put(child, waiting, {}))).toBe('422 status-not-for-age');
    expect(await toPharmacy(child)).toBe('deny minor-unconfirmed');
  });

  it('what a provider recorded with the child counts by its status, and nothing else of it changes', async () => {
    const child = await aChild();
    await recordedTogether(child);
    const [waiting] = await family.consentsOf(server(), child);
    expect(verdict(await put(child, waiting, { status: 'active' }))).toBe('422 origin-not-portal');
    await family.turnSixteen(server(), child);
    const changed = { status: 'active', dateTime: '2001-01-01', performer: [{ reference: 'Patient/another' }] };
    const { status, body } = await put(child, waiting, changed);
    expect(status).toBe(200);
    expect(body).toEqual({ ...waiting, status: 'active', meta: body.meta });
    expect(await toPharmacy(child)).toBe('permit consent-given');
  });
});

describe('what a provider recorded with a child', () => {
  it('is confirmed by a parent, and stays what the provider recorded', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await recordedTogether(child);
    const [waiting] = await family.consentsOf(server(), child);
    expect(await toPharmacy(child)).toBe('deny minor-unconfirmed');
    await family.settle(server(), child, parent);
    expect(await toPharmacy(child)).toBe('permit consent-given');
    const [confirmed] = await family.consentsOf(server(), child);
    expect(confirmed).toEqual({
      ...waiting,
      status: 'active',
      verification: confirmed?.verification,
      meta: confirmed?.meta,
    });
    expect(confirmed?.organization).toHaveLength(1);
  });
});

/** What the GP practice records with a child before it; it must wait. */
async function recordedTogether(bsn: string): Promise<void> {
  await subscribe(server(), bsn, GP);
  const { parameter } = choice(bsn, 'certain', [said('permit')]);
  const body = parameters([...parameter, { name: 'way', valueCode: 'together' }]);
  expect((await server().fhir('/Consent/$choose', { as: 'gp', body })).status).toBe(200);
}
