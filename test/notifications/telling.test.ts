import { createHmac } from 'node:crypto';
import type { Bundle, Consent } from '@medplum/fhirtypes';
import { freshBsn, freshUra, GP, HOSPITAL, PHARMACY, UNREGISTERED } from '../http/people.ts';
import { partsOf } from '../http/answers.ts';
import { grantBody } from '../http/emergency.ts';
import { child, parent, settle } from '../http/family.ts';
import { question } from '../http/questions.ts';
import { addClient } from '../http/registered-client.ts';
import { consent, organization } from '../http/resources.ts';
import { subscribe } from '../http/subscriptions.ts';
import { answer, choose, newestInMailbox, subscribeAt, useStage } from './holders.ts';
import type { Arrival } from './receiver.ts';
import { consentsIn, numberOf, numbersIn, statusIn, toldIn } from './told.ts';

const stage = useStage();

const ALL = ['RPZAC001', 'RPZAC003', 'RPZAC004', 'RPZAC005', 'RPZAC103', 'RPZAC104', 'RPZAC200'];
const HA = { holderCategory: 'HA' };
const toPharmacies = answer('permit', HA, { requesterCategory: 'RPZAC005' });
const except = (...codes: string[]) => ALL.filter((code) => !codes.includes(code));

/** What has arrived at one address, once there is so much of it. */
async function arrived(path: string, count: number): Promise<Arrival[]> {
  const at = (arrivals: readonly Arrival[]) => arrivals.filter((one) => one.path === path);
  return at(await stage().receiver.until((arrivals) => at(arrivals).length >= count));
}

/** What arrived last, after so many before it. */
async function last(path: string, number: number): Promise<Arrival> {
  const found = (await arrived(path, number)).at(-1);
  if (found === undefined) throw new Error('nothing arrived');
  return found;
}

describe('a holder that subscribes', () => {
  it('is told at once that nothing is allowed, when nothing is', async () => {
    const { path } = await subscribeAt(stage(), freshBsn());
    const first = await last(path, 1);
    expect(numberOf(first)).toBe(1);
    expect(toldIn(first)).toEqual({ permit: [], deny: ALL, permitNamed: [], denyNamed: [] });
  });

  it('is told what its patient allowed before', async () => {
    const bsn = freshBsn();
    await choose(stage(), bsn, [answer('permit', HA, { requesterCategory: 'RPZAC104' })]);
    const { path } = await subscribeAt(stage(), bsn);
    expect(toldIn(await last(path, 1)).permit).toEqual(['RPZAC104']);
  });

  it('as a practice that was registered after the choice is told it too (scenario 13)', async () => {
    const { server } = stage();
    const [bsn, ura] = [freshBsn(), freshUra()];
    await choose(stage(), bsn, [answer('permit', HA, { requesterCategory: 'RPZAC104' })]);
    await server.fhir('/Organization', { as: 'admin', body: organization(ura) });
    await addClient(server, ura);
    await subscribe(server, bsn, ura);
    const asked = question(bsn, { holder: ura, requester: HOSPITAL });
    const checked = await server.fhir('/Consent/$check', { as: 'exchange', body: asked });
    expect(partsOf(checked)['decision']?.valueCode).toBe('permit');
    const first = await newestInMailbox(server, ura);
    expect(toldIn({ bundle: first.body }).permit).toEqual(['RPZAC104']);
  });
});

describe('a change', () => {
  it('is told in exactly one notification, complete (scenario 26)', async () => {
    const bsn = freshBsn();
    const { path, id } = await subscribeAt(stage(), bsn);
    await arrived(path, 1);
    await choose(stage(), bsn, [toPharmacies]);
    const { bundle } = await last(path, 2);
    const [permit, deny, ...others] = consentsIn(bundle);
    expect(others).toEqual([]);
    expect(permit).toMatchObject({ status: 'active', provision: { type: 'permit' } });
    expect(deny?.status).toBe('inactive');
    expect(deny?.provision).not.toHaveProperty('type');
    expect(toldIn({ bundle })).toEqual({
      permit: ['RPZAC005'],
      deny: except('RPZAC005'),
      permitNamed: [],
      denyNamed: [],
    });
    const { body } = await stage().server.fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
    expect(numbersIn(body)).toEqual([1, 2]);
  });

  it('that changes nothing for a holder is not told to it', async () => {
    const bsn = freshBsn();
    const { path } = await subscribeAt(stage(), bsn);
    const nothing = [
      [answer('permit', { holderCategory: 'APO' }, { requesterCategory: 'RPZAC001' })],
      [answer('deny', HA, { requesterCategory: 'RPZAC005' })],
    ];
    for (const answers of nothing) await choose(stage(), bsn, answers);
    await choose(stage(), bsn, [toPharmacies]);
    await choose(stage(), bsn, [toPharmacies]);
    await choose(stage(), bsn, 'none');
    expect((await arrived(path, 3)).map(numberOf)).toEqual([1, 2, 3]);
    expect((await arrived(path, 3)).map((one) => toldIn(one).permit)).toEqual([[], ['RPZAC005'], []]);
  });

  it('is told to every holder it concerns, each with its own data', async () => {
    const bsn = freshBsn();
    const { path: practice } = await subscribeAt(stage(), bsn);
    const { path: pharmacy } = await subscribeAt(stage(), bsn, { as: 'pharmacy', ura: PHARMACY, holderType: 'J8' });
    await choose(stage(), bsn, 'all');
    const data = ({ bundle }: Arrival) =>
      consentsIn(bundle).map(({ category }: Consent) => category[0]?.coding?.[0]?.code);
    expect(data(await last(practice, 2))).toEqual(['GGC002', 'GGC002']);
    expect(data(await last(pharmacy, 2))).toEqual(['GGC013', 'GGC013']);
  });

  it('of what a citizen withdraws as a resource is told too', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    await choose(stage(), bsn, [toPharmacies]);
    const { path } = await subscribeAt(stage(), bsn);
    const found = await stage().server.fhir<Bundle>('/Consent?status=active', { as });
    const id = found.body.entry?.[0]?.resource?.id ?? '';
    const headers = { 'If-Match': 'W/"1"' };
    expect((await stage().server.fhir(`/Consent/${id}`, { method: 'DELETE', as, headers })).status).toBe(204);
    expect((await arrived(path, 2)).map((one) => toldIn(one).permit)).toEqual([['RPZAC005'], []]);
  });

  it('that is undone in its transaction is not told', async () => {
    const bsn = freshBsn();
    const { path } = await subscribeAt(stage(), bsn);
    const entry = (resource: object) => ({ resource, request: { method: 'POST', url: 'Consent' } });
    const transaction = (...entries: object[]) =>
      stage().server.fhir('/', {
        as: `citizen:${bsn}`,
        body: { resourceType: 'Bundle', type: 'transaction', entry: entries },
      });
    const refused = await transaction(entry(consent(bsn)), entry(consent(bsn, { status: 'unheard-of' })));
    expect(refused.status).toBe(422);
    await choose(stage(), bsn, 'none');
    expect((await transaction(entry(consent(bsn)))).status).toBe(200);
    expect((await arrived(path, 2)).map((one) => toldIn(one).permit)).toEqual([[], ['RPZAC005']]);
  });
});

describe('requesters that a citizen named', () => {
  it('stand beside the categories, each with what is decided for it', async () => {
    const bsn = freshBsn();
    const { path } = await subscribeAt(stage(), bsn);
    await choose(stage(), bsn, [
      answer('permit', { holder: GP }, { requester: PHARMACY }),
      answer('deny', HA, { requester: HOSPITAL }),
    ]);
    const told = toldIn(await last(path, 2));
    expect(told).toEqual({ permit: [], deny: ALL, permitNamed: [PHARMACY], denyNamed: [HOSPITAL] });
  });

  it('without a category with yes stand as exceptions to a base rule that refuses', async () => {
    const bsn = freshBsn();
    const { path } = await subscribeAt(stage(), bsn);
    await choose(stage(), bsn, [answer('permit', { holder: GP }, { requester: PHARMACY })]);
    const [permit] = consentsIn((await last(path, 2)).bundle);
    expect(permit).toMatchObject({ status: 'active', provision: { type: 'deny', provision: [{ type: 'permit' }] } });
    await choose(stage(), bsn, [toPharmacies]);
    expect(consentsIn((await last(path, 3)).bundle)[0]).toMatchObject({ provision: { type: 'permit' } });
  });

  it('of whom nobody knows the category have a yes only if every category would have it', async () => {
    const bsn = freshBsn();
    const { path } = await subscribeAt(stage(), bsn);
    await choose(stage(), bsn, [answer('permit', HA, { requester: UNREGISTERED })]);
    expect(toldIn(await last(path, 2)).permitNamed).toEqual([UNREGISTERED]);
    await choose(stage(), bsn, [answer('deny', { holder: GP }, { requesterCategory: 'RPZAC104' })]);
    expect(toldIn(await last(path, 3))).toMatchObject({ permitNamed: [], denyNamed: [UNREGISTERED] });
  });
});

describe('what is not told', () => {
  it('is a yes that waits for a parent, until it is confirmed; a no that waits is told at once', async () => {
    const { server } = stage();
    const [bsn, mother] = [await child(server), await parent(server)];
    const { path } = await subscribeAt(stage(), bsn);
    await choose(stage(), bsn, [toPharmacies]);
    await settle(server, bsn, mother);
    await choose(stage(), bsn, [answer('deny', HA, { requesterCategory: 'RPZAC005' })]);
    await settle(server, bsn, mother);
    await choose(stage(), bsn, [answer('permit', HA, { requesterCategory: 'RPZAC104' })]);
    await settle(server, bsn, mother);
    const told = (await arrived(path, 4)).map((one) => toldIn(one).permit);
    expect(told).toEqual([[], ['RPZAC005'], [], ['RPZAC104']]);
  });

  it('is an emergency grant: it is for one organisation, and for 72 hours', async () => {
    const bsn = freshBsn();
    const { id } = await subscribeAt(stage(), bsn);
    const granted = await stage().server.fhir('/Consent/$grant-emergency', { as: 'post', body: grantBody(bsn) });
    expect(granted.status).toBe(200);
    const events = await stage().server.fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
    expect(numbersIn(events.body)).toEqual([1]);
  });

  it('is anything a Consent allows that cannot be read', async () => {
    const { server } = stage();
    const bsn = freshBsn();
    await choose(stage(), bsn, 'all');
    const { path } = await subscribeAt(stage(), bsn);
    const patientKey = server.server.register.vault.keyOf(bsn);
    const unheard = `update consent set rule = '{"v": 2}' where patient_key = $1 and rule ->> 'holder' = 'c:OVR'`;
    await server.database.database.query(unheard, [patientKey]);
    await choose(stage(), bsn, [answer('deny', { holderCategory: 'GGZ' }, { requesterCategory: 'RPZAC001' })]);
    expect((await arrived(path, 2)).map((one) => toldIn(one).permit.length)).toEqual([6, 0]);
  });
});

describe('a notification', () => {
  it('says where it belongs and what it is about', async () => {
    const bsn = freshBsn();
    const { path, id } = await subscribeAt(stage(), bsn, { header: ['X-Practice: De Linde'] });
    const { bundle, headers } = await last(path, 1);
    expect(headers).toMatchObject({ 'content-type': 'application/fhir+json', 'x-practice': 'De Linde' });
    expect(bundle.type).toBe('history');
    const values = Object.fromEntries(statusIn(bundle).map(({ name, part, ...value }) => [name, part ?? value]));
    expect(values).toMatchObject({
      subscription: { valueReference: { reference: `${stage().server.baseUrl}/fhir/Subscription/${id}` } },
      status: { valueCode: 'active' },
      type: { valueCode: 'event-notification' },
      'events-since-subscription-start': { valueString: '1' },
    });
    const focus = [{ name: 'focus', valueReference: { reference: bundle.entry?.[1]?.fullUrl } }];
    expect(values['notification-event']).toEqual(expect.arrayContaining(focus));
    const about = (bundle.entry ?? []).slice(-2).map(({ resource }) => resource);
    expect(about).toMatchObject([
      { resourceType: 'Patient', identifier: [{ value: bsn }] },
      { resourceType: 'Organization', identifier: [{ value: GP }], type: [{ coding: [{ code: 'Z3' }] }] },
    ]);
    for (const { patient, provision } of consentsIn(bundle)) {
      expect(patient?.reference).toBe(bundle.entry?.at(-2)?.fullUrl);
      expect(provision?.actor?.[0]?.reference.reference).toBe(bundle.entry?.at(-1)?.fullUrl);
      expect(provision?.purpose).toMatchObject([{ code: 'TREAT' }]);
    }
  });

  it('is signed with the secret that the subscription shows', async () => {
    const subscription = await subscribeAt(stage(), freshBsn());
    const { headers, body } = await last(subscription.path, 1);
    const secret = subscription.extension?.find(({ url }) => url.endsWith('/notification-secret'))?.valueString ?? '';
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signed = (text: string) =>
      createHmac('sha256', key)
        .update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`)
        .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signed(body)}`);
    expect(headers['webhook-signature']).not.toBe(`v1,${signed(`${body} `)}`);
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(300);
  });
});
