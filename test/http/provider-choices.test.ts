import type { Consent } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, verdict } from './answers.ts';
import { bundle } from './bundle.ts';
import { toldBy, wholeLog } from './citizens.ts';
import { bornYearsAgo, citizenBorn } from './family.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';
import { freshBsn, freshUra, GP, HOSPITAL, LABORATORY, PHARMACY, POST } from './people.ts';
import {
  asked,
  consentsOf,
  inShort,
  providerChoice,
  record,
  type Recorded,
  recorded,
  registered,
} from './provider-choices.ts';
import { choice } from './questions.ts';
import { organization, TYPE_SYSTEM } from './resources.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';

const server = useTestServer();
const EVERYONE = [GP, HOSPITAL, PHARMACY, LABORATORY, POST];
const GROUPS = ['RPZAC001', 'RPZAC104', 'RPZAC005'];

const chooses = (bsn: string, option: 'all' | 'none') =>
  server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, option) });

describe('who may record, and what', () => {
  it.each<[string, Recorded, string]>([
    ['a GP practice with its button', {}, '200'],
    ['a hospital with its button', { as: 'hospital', answers: [{ holder: HOSPITAL }] }, '200'],
    ['an out-of-hours post with its button', { as: 'post', answers: [{ holder: POST }] }, '200'],
    ['one requester category of the situation', { answers: [{ requesters: ['RPZAC104'] }] }, '200'],
    ['a no', { answers: [{ decision: 'deny' }] }, '200'],
    ['a pharmacy with a button', { as: 'pharmacy', answers: [{ holder: PHARMACY }] }, '403 no-button'],
    ['a laboratory with a button', { as: 'laboratory', answers: [{ holder: LABORATORY }] }, '403 no-button'],
    ['a button about another organisation', { answers: [{ holder: HOSPITAL }] }, '403 not-own-organization'],
    ['a button about the own category', { answers: [{ holder: 'HA' }] }, '403 not-own-organization'],
    ['a button about itself and another', { answers: [{}, { holder: HOSPITAL }] }, '403 not-own-organization'],
    [
      'a button for another requester category',
      { answers: [{ requesters: ['RPZAC003'] }] },
      '422 requester-not-for-button',
    ],
    ['a button for one requester', { answers: [{ requesters: [PHARMACY] }] }, '422 requester-not-for-button'],
    ['a button with everything', { option: 'all' }, '422 button-certain-only'],
    ['a button with nothing', { option: 'none' }, '422 button-certain-only'],
    ['no way', { way: '' }, '422 way-required'],
    ['another way', { way: 'portal' }, '422 unknown-way'],
    ['a way that is nobody’s choice', { way: 'migration' }, '422 unknown-way'],
    ['everything, together', { way: 'together', option: 'all' }, '200'],
    ['nothing, together', { way: 'together', option: 'none' }, '200'],
    ['together, about another', { way: 'together', answers: [{ holder: HOSPITAL, requesters: [PHARMACY] }] }, '200'],
    ['a pharmacy, together', { as: 'pharmacy', way: 'together', answers: [{ holder: 'APO' }] }, '200'],
    [
      'together, about nobody known',
      { way: 'together', answers: [{ holder: '90000697' }] },
      '422 holder-not-registered',
    ],
    [
      'together, without a question',
      { way: 'together', answers: [{ requesters: ['RPZAC200'] }] },
      '422 cell-without-question',
    ],
    ['an exchange point', { as: 'exchange', way: 'together' }, '403 not-permitted'],
    ['an auditor', { as: 'auditor', way: 'together' }, '403 not-permitted'],
    ['a reason', { reason: 'At the desk, after the consultation' }, '200'],
    ['a reason with somebody’s number', { reason: `For 900 186 021` }, '422 reason-with-bsn'],
    ['too long a reason', { reason: 'x'.repeat(1001) }, '422 reason-too-long'],
  ])('%s', async (_, what, expected) => {
    const bsn = await registered(server(), ...EVERYONE);
    const before = await storedRows(server());
    expect(verdict(await record(server(), bsn, what))).toBe(expected);
    if (expected !== '200') expect(await storedRows(server())).toEqual(before);
  });

  it('names no way as a citizen', async () => {
    const bsn = await registered(server());
    const answer = await record(server(), bsn, { as: `citizen:${bsn}`, way: 'together', option: 'all' });
    expect(verdict(answer)).toBe('422 way-not-for-citizen');
  });

  it('an organisation that is registered no more, though its client is', async () => {
    const bsn = await registered(server(), LABORATORY);
    const [row] = entriesOf(await server().fhir(`/Organization?identifier=${LABORATORY}`, { as: 'admin' }));
    await server().fhir(`/Organization/${row?.id ?? ''}`, { method: 'DELETE', as: 'admin' });
    const answer = await record(server(), bsn, { as: 'laboratory', way: 'together', option: 'all' });
    expect(verdict(answer)).toBe('401 unknown-client');
    const body = organization(LABORATORY, { type: [{ coding: [{ system: TYPE_SYSTEM, code: 'L1' }] }] });
    expect((await server().fhir('/Organization', { as: 'admin', body })).status).toBe(201);
  });

  it('not in a transaction, where one refusal would undo another’s recording', async () => {
    const bsn = await registered(server(), GP);
    const entry = (of: string) => ({
      resource: providerChoice(of, { way: 'together', option: 'all' }),
      request: { method: 'POST', url: 'Consent/$choose' },
    });
    const transaction = await server().fhir('/', { as: 'gp', body: bundle('transaction', [entry(bsn)]) });
    expect(verdict(transaction)).toBe('422 choice-in-transaction');
    expect(await consentsOf(server(), bsn)).toEqual([]);
    const batch = await server().fhir('/', { as: 'gp', body: bundle('batch', [entry(bsn)]) });
    expect(batch.status).toBe(200);
    expect(await consentsOf(server(), bsn)).toHaveLength(7);
  });
});

describe('without a subscription for the citizen (scenario 17)', () => {
  const ways: [string, Recorded][] = [
    ['the button', {}],
    ['together', { way: 'together', option: 'all' }],
    ['no way at all', { way: '' }],
  ];

  it.each(ways)('%s stores nothing, and the citizen sees that it was tried', async (_, what) => {
    const bsn = freshBsn();
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const body = providerChoice(bsn, what);
    const answer = await server().fhir('/Consent/$choose', { as: 'gp', body, headers });
    expect(verdict(answer)).toBe('403 not-subscribed');
    expect(await storedRows(server())).toEqual(before);
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    expect(await logged(server(), id)).toMatchObject([{ about, outcome: '4', client: 'gp', detail: { ura: GP } }]);
    const [attempt] = await wholeLog(server(), bsn);
    expect(attempt === undefined ? '' : toldBy(attempt)).toBe('choose 4 not-subscribed');
  });

  it.each(ways.slice(0, 2))('%s records nothing after the subscription has ended, and did before', async (_, what) => {
    const bsn = await registered(server(), GP, PHARMACY);
    expect((await record(server(), bsn, what)).status).toBe(200);
    await unsubscribe(server(), bsn, GP);
    expect(verdict(await record(server(), bsn, what))).toBe('403 not-subscribed');
  });

  it('the subscription for another citizen is none for this one', async () => {
    await registered(server(), GP);
    expect(verdict(await record(server(), freshBsn()))).toBe('403 not-subscribed');
  });
});

describe('what is recorded', () => {
  it('says its way, the organisation, and that the answers are the patient’s', async () => {
    const bsn = await registered(server(), GP);
    const [consent] = await recorded(server(), bsn, { answers: [{ requesters: ['RPZAC005'] }] });
    expect(validate(server().server.register.conformance, 'Consent', consent)).toEqual([]);
    const patient = consent?.patient?.reference;
    const [own] = entriesOf(await server().fhir(`/Organization?identifier=${GP}`, { as: 'gp' }));
    expect(consent).toMatchObject({
      status: 'active',
      performer: [{ reference: patient }],
      organization: [{ reference: `Organization/${own?.id ?? ''}` }],
    });
    expect(consent === undefined ? '' : inShort(consent)).toBe(`button with ${GP} active`);
  });

  it('is about the three groups of the situation when it names nobody', async () => {
    const bsn = await registered(server(), GP);
    const [consent] = await recorded(server(), bsn);
    const named = consent?.provision?.provision?.[0]?.actor?.map(({ reference }) => reference.identifier?.value);
    expect(named).toEqual(GROUPS);
  });

  it('has the citizen’s authority: it counts over what was said before, and under what is said after', async () => {
    const bsn = await registered(server(), GP);
    await chooses(bsn, 'none');
    await recorded(server(), bsn, { way: 'together', answers: [{ holder: 'HA', requesters: ['RPZAC005'] }] });
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('permit consent-given');
    expect(await asked(server(), bsn, GP, HOSPITAL)).toBe('deny consent-refused');
    await chooses(bsn, 'none');
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('deny consent-refused');
  });

  it('waits for a parent under 16, and its no counts at once', async () => {
    const bsn = await citizenBorn(server(), bornYearsAgo(14));
    await subscribe(server(), bsn, GP);
    expect((await recorded(server(), bsn)).map(inShort)).toEqual([`button with ${GP} proposed`]);
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('deny minor-unconfirmed');
    const no = [{ requesters: ['RPZAC005'], decision: 'deny' }];
    await recorded(server(), bsn, { answers: no });
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('deny consent-refused');
    const adult = await citizenBorn(server(), bornYearsAgo(16));
    await subscribe(server(), adult, GP);
    expect((await recorded(server(), adult)).map(inShort)).toEqual([`button with ${GP} active`]);
  });
});

describe('whose recording it stays', () => {
  it('a Consent takes new answers from the same way and organisation only', async () => {
    const bsn = await registered(server(), GP, HOSPITAL);
    await recorded(server(), bsn, { way: 'together', answers: [{ holder: 'HA', requesters: ['RPZAC005'] }] });
    await recorded(server(), bsn, { way: 'together', answers: [{ holder: 'HA', requesters: ['RPZAC104'] }] });
    const [only, ...none] = await consentsOf(server(), bsn);
    expect([only?.meta?.versionId, none]).toEqual(['2', []]);
    const more: Recorded = { way: 'together', answers: [{ holder: 'HA', requesters: ['RPZAC001'] }] };
    await recorded(server(), bsn, { ...more, as: 'hospital' });
    const consents = await consentsOf(server(), bsn);
    expect(consents.map(({ meta }) => meta?.versionId).sort()).toEqual(['1', '2']);
    expect(new Set(consents.map(({ organization: by }) => by?.[0]?.reference))).toHaveProperty('size', 2);
    for (const requester of [PHARMACY, HOSPITAL, POST]) {
      expect(await asked(server(), bsn, GP, requester)).toBe('permit consent-given');
    }
  });

  it('what the citizen takes out of it leaves the rest as it was recorded', async () => {
    const bsn = await registered(server(), GP);
    const [before] = await recorded(server(), bsn);
    const answers = [{ requesters: ['RPZAC005'], decision: 'deny' }];
    const { parameter } = providerChoice(bsn, { answers, way: '' });
    const body = { resourceType: 'Parameters', parameter };
    expect((await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body })).status).toBe(200);
    const consents = await consentsOf(server(), bsn);
    expect(consents.map(inShort).sort()).toEqual([`button with ${GP} active`, `portal alone ${GP} active`]);
    const after = consents.find(({ id }) => id === before?.id);
    expect(after).toMatchObject({ dateTime: before?.dateTime, organization: before?.organization });
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('deny consent-refused');
    expect(await asked(server(), bsn, GP, HOSPITAL)).toBe('permit consent-given');
  });

  it('what the citizen said stays the citizen’s when a provider records over a part of it', async () => {
    const bsn = await registered(server(), GP);
    await chooses(bsn, 'all');
    await recorded(server(), bsn, {
      way: 'together',
      answers: [{ holder: 'HA', requesters: ['RPZAC005'], decision: 'deny' }],
    });
    const ofGps = (await consentsOf(server(), bsn)).filter((one) => inShort(one).includes(' HA '));
    expect(ofGps.map(inShort).sort()).toEqual(['portal alone HA active', 'together with HA active']);
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('deny consent-refused');
    expect(await asked(server(), bsn, GP, HOSPITAL)).toBe('permit consent-given');
  });

  it('everything together withdraws what the citizen said alone, as the citizen’s', async () => {
    const bsn = await registered(server(), GP);
    await chooses(bsn, 'none');
    await recorded(server(), bsn, { way: 'together', option: 'all' });
    const said = (await consentsOf(server(), bsn)).filter((one) => inShort(one).includes(' HA ')).map(inShort);
    expect(said.sort()).toEqual(['portal alone HA inactive', 'together with HA active']);
    expect(await asked(server(), bsn, GP, PHARMACY)).toBe('permit consent-given');
  });
});

describe('what the provider is answered with', () => {
  const seen = (consents: readonly Consent[]) => consents.map((one) => inShort(one).split(' ')[2]).sort();

  it('the Consents that speak of it, and no others', async () => {
    const bsn = await registered(server(), GP, HOSPITAL);
    await recorded(server(), bsn, { as: 'hospital', answers: [{ holder: HOSPITAL }] });
    expect(seen(await recorded(server(), bsn, { way: 'together', option: 'all' }))).toEqual(['HA']);
    await recorded(server(), bsn, { as: 'hospital', answers: [{ holder: HOSPITAL }] });
    expect(seen(await recorded(server(), bsn))).toEqual([GP, 'HA']);
    expect(seen(await recorded(server(), bsn, { as: 'hospital', answers: [{ holder: HOSPITAL }] }))).toEqual([
      HOSPITAL,
      'ZKH',
    ]);
  });

  it('nothing of an organisation that is not its own, also when it recorded that', async () => {
    const [bsn, other] = [await registered(server(), GP), freshUra()];
    await server().fhir('/Organization', { as: 'admin', body: organization(other) });
    const consents = await recorded(server(), bsn, { way: 'together', answers: [{ holder: other }] });
    expect(consents).toEqual([]);
    expect((await consentsOf(server(), bsn)).map(inShort)).toEqual([`together with ${other} active`]);
  });
});
