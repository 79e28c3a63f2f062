import type { Consent } from '@medplum/fhirtypes';
import { actor, holderCategory, requesterCategory, ura } from '../profiles/sample-consents.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';
import { idsOf, partsOf, resultsOf, verdict } from './answers.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';
import { freshBsn, GP, HOSPITAL, KARIM, NOOR, PHARMACY, UNREGISTERED } from './people.ts';
import { setScene } from './permission-calls.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';
import { batchOf, choice, question, questionOf } from './questions.ts';
import { bundle, post } from './bundle.ts';
import { changeClient } from './registered-client.ts';
import { consent, DATA_SYSTEM, patient } from './resources.ts';

const server = useTestServer();

describe('a holder', () => {
  it.each([
    ['gp', GP, '200'],
    ['gp', PHARMACY, '403 not-own-organization'],
    ['gp', HOSPITAL, '403 not-own-organization'],
    ['gp', UNREGISTERED, '403 not-own-organization'],
    ['pharmacy', PHARMACY, '200'],
    ['pharmacy', GP, '403 not-own-organization'],
    ['exchange', GP, '200'],
    ['exchange', PHARMACY, '200'],
    ['auditor', PHARMACY, '200'],
  ])('%s asks for %s: %s', async (as, holder, expected) => {
    const { id, headers } = namedRequest();
    const body = question(KARIM, { holder, requester: HOSPITAL });
    expect(verdict(await server().fhir('/Consent/$check', { as, body, headers }))).toBe(expected);
    const [record, ...others] = await logged(server(), id);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ interaction: 'Consent.check', outcome: expected === '200' ? '0' : '4', client: as });
  });

  it('asks for another in the midst of a batch in vain, and for itself beside it', async () => {
    const items = [PHARMACY, GP, HOSPITAL].map((holder) => questionOf(KARIM, { holder, requester: HOSPITAL }));
    const results = resultsOf(await server().fhir('/Consent/$check', { as: 'gp', body: batchOf(items) }));
    expect(results.map(({ decision }) => decision?.valueCode)).toEqual(['deny', 'permit', 'deny']);
    expect(results.map(({ outcome }) => outcome !== undefined)).toEqual([true, false, true]);
  });
});

describe('another moment', () => {
  const PAST = '2026-01-01T00:00:00Z';
  it.each([
    ['auditor', { at: PAST }, '200'],
    ['auditor', { knownAt: PAST }, '200'],
    ['auditor', { at: PAST, knownAt: PAST }, '200'],
    ['gp', { at: PAST }, '403 moment-not-permitted'],
    ['gp', { knownAt: PAST }, '403 moment-not-permitted'],
    ['exchange', { at: PAST }, '403 moment-not-permitted'],
    ['exchange', { knownAt: PAST }, '403 moment-not-permitted'],
    [`citizen:${KARIM}`, { at: PAST }, '403 moment-not-permitted'],
  ])('is asked about by %s with %j: %s', async (as, moments, expected) => {
    // Then, nobody was registered here: the types are those of the question.
    const body = question(KARIM, { holderType: 'Z3', requester: HOSPITAL, requesterType: 'V4', ...moments });
    expect(verdict(await server().fhir('/Consent/$check', { as, body }))).toBe(expected);
  });
});

describe('what is of another citizen', () => {
  /** Calls that name a resource by its id. */
  const calls: readonly (readonly [string, (path: string) => { path: string; call: Call }])[] = [
    ['reading', (path) => ({ path, call: {} })],
    ['reading a version', (path) => ({ path: `${path}/_history/1`, call: {} })],
    ['reading the history', (path) => ({ path: `${path}/_history`, call: {} })],
    ['deleting', (path) => ({ path, call: { method: 'DELETE', headers: { 'If-Match': 'W/"1"' } } })],
    ['deleting without a version', (path) => ({ path, call: { method: 'DELETE' } })],
    [
      'patching',
      (path) => ({
        path,
        call: {
          method: 'PATCH',
          headers: { 'If-Match': 'W/"1"', 'Content-Type': 'application/json-patch+json' },
          body: [{ op: 'add', path: '/status', value: 'inactive' }],
        },
      }),
    ],
    [
      'overwriting',
      (path) => ({
        path,
        call: {
          method: 'PUT',
          headers: { 'If-Match': 'W/"1"' },
          body: path.includes('Consent') ? consent(NOOR) : patient(NOOR),
        },
      }),
    ],
  ];

  it.each(calls)('looks, when %s, exactly like what is not there', async (_, callOf) => {
    const scene = await setScene(server(), true);
    const before = await storedRows(server());
    for (const [type, id] of [
      ['Consent', scene.consent.id],
      ['Patient', scene.patient.id],
    ] as const) {
      const [theirs, nobodys] = [callOf(`/${type}/${id}`), callOf(`/${type}/absent`)];
      const as = `citizen:${NOOR}`;
      const one = await server().fhir(theirs.path, { ...theirs.call, as });
      const other = await server().fhir(nobodys.path, { ...nobodys.call, as });
      expect(one.status).toBe(404);
      expect([one.status, one.body]).toEqual([other.status, other.body]);
    }
    expect(await storedRows(server())).toEqual(before);
  });

  it('cannot be made to be about them, in any way', async () => {
    const scene = await setScene(server(), true);
    const as = `citizen:${NOOR}`;
    const mine = await server().fhir<Consent>('/Consent', { as, body: consent(NOOR) });
    const path = `/Consent/${mine.body.id ?? ''}`;
    const before = await storedRows(server());
    const reference = { reference: `Patient/${scene.patient.id}` };
    const headers = { 'If-Match': 'W/"1"' };
    const attempts: readonly (readonly [string, Call])[] = [
      ['/Consent', { body: consent(scene.owner) }],
      ['/Consent', { body: consent(NOOR, { patient: reference }) }],
      ['/Consent', { body: consent(NOOR, { patient: reference, performer: [reference] }) }],
      [path, { method: 'PUT', headers, body: consent(scene.owner) }],
      [path, { method: 'PUT', headers, body: { ...mine.body, patient: reference } }],
      [
        path,
        {
          method: 'PATCH',
          headers: { ...headers, 'Content-Type': 'application/json-patch+json' },
          body: [{ op: 'replace', path: '/patient', value: reference }],
        },
      ],
      [`/Consent?_id=${scene.consent.id}`, { method: 'PUT', headers, body: consent(scene.owner) }],
      [`/Consent?patient=${scene.patient.id}`, { method: 'PUT', headers, body: consent(scene.owner) }],
      ['/Consent', { headers: { 'If-None-Exist': `_id=${scene.consent.id}` }, body: consent(scene.owner) }],
      ['/', { body: bundle('transaction', [post(consent(scene.owner))]) }],
      ['/Consent/$choose', { body: choice(scene.owner, 'none') }],
    ];
    for (const [to, call] of attempts) {
      expect(verdict(await server().fhir(to, { ...call, as }))).toBe('403 not-own-record');
    }
    expect(await storedRows(server())).toEqual(before);
    expect((await server().fhir(path, { as })).body).toEqual(mine.body);
  });

  it('is refused alike, whether the Patient that is named exists or not', async () => {
    const { patient: theirs } = await setScene(server(), false);
    const ask = (id: string) =>
      server().fhir('/Consent', {
        as: `citizen:${NOOR}`,
        body: consent(NOOR, { patient: { reference: `Patient/${id}` } }),
      });
    const [one, other] = [await ask(theirs.id), await ask('absent')];
    expect([one.status, one.body]).toEqual([other.status, other.body]);
  });

  it('is in no search, no count and no page', async () => {
    const scene = await setScene(server(), true);
    const as = `citizen:${freshBsn()}`;
    for (const query of [
      `Consent?patient=${scene.patient.id}`,
      `Consent?_id=${scene.consent.id}`,
      'Consent?status=active',
      `Patient?_id=${scene.patient.id}`,
      'Patient?birthdate=1980',
      `AuditEvent?patient=${scene.patient.id}`,
    ]) {
      const answer = await server().fhir(`/${query}&_total=accurate`, { as });
      expect(answer.body).toMatchObject({ total: 0 });
      expect(idsOf(answer)).toEqual([]);
    }
  });
});

describe('the Consents a holder sees', () => {
  const owner = freshBsn();
  const ids = new Map<string, string>();
  const for_ = (holder: object, category: string) =>
    consent(owner, {
      category: [{ coding: [{ system: DATA_SYSTEM, code: category }] }],
      provision: {
        ...consent(owner).provision,
        actor: [actor('CST', holder)],
        provision: [{ type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC001'))] }],
      },
    });
  const kinds = [
    ['all GPs', holderCategory('HA'), 'GGC002'],
    ['the practice', ura(GP), 'GGC002'],
    ['all pharmacies', holderCategory('APO'), 'GGC013'],
    ['the pharmacy', ura(PHARMACY), 'GGC013'],
    ['all hospitals', holderCategory('ZKH'), 'GGC002'],
  ] as const;

  const subscribed = (holder: string, active: boolean) =>
    active ? subscribe(server(), owner, holder) : unsubscribe(server(), owner, holder);
  const seenBy = async (as: string) => {
    const found = idsOf(await server().fhir('/Consent?status=active', { as }));
    const read: string[] = [];
    for (const [name, id] of ids) {
      const { status } = await server().fhir(`/Consent/${id}`, { as });
      expect([200, 404]).toContain(status);
      expect(found.includes(id)).toBe(status === 200);
      if (status === 200) read.push(name);
    }
    return read;
  };

  beforeAll(async () => {
    for (const [name, holder, category] of kinds) {
      const answer = await server().fhir<Consent>('/Consent', { as: `citizen:${owner}`, body: for_(holder, category) });
      ids.set(name, answer.body.id ?? '');
    }
  });

  it('are none without a subscription for the citizen', async () => {
    for (const as of ['gp', 'pharmacy', 'hospital']) expect(await seenBy(as)).toEqual([]);
  });

  it('are those about itself and its category, for citizens it is subscribed for', async () => {
    await subscribed(GP, true);
    await subscribed(PHARMACY, true);
    expect(await seenBy('gp')).toEqual(['all GPs', 'the practice']);
    expect(await seenBy('pharmacy')).toEqual(['all pharmacies', 'the pharmacy']);
    expect(await seenBy('hospital')).toEqual([]);
  });

  it('are none again once the subscription has ended', async () => {
    await subscribed(PHARMACY, false);
    expect(await seenBy('pharmacy')).toEqual([]);
    expect(await seenBy('gp')).toEqual(['all GPs', 'the practice']);
  });
});

describe('a client', () => {
  it('that is switched off, or of a role nobody knows, is nobody', async () => {
    const ask = () => server().fhir('/Consent/$check', { as: 'post', body: question(KARIM, { holder: '00000666' }) });
    expect((await ask()).status).toBe(200);
    const restore = await changeClient(server(), 'post', { active: false });
    expect(verdict(await ask())).toBe('401 unknown-client');
    await changeClient(server(), 'post', { active: true, role: 'emperor' });
    expect(verdict(await ask())).toBe('401 unknown-client');
    await restore();
    expect(partsOf(await ask())['decision']?.valueCode).toBe('permit');
  });

  it('without an organisation asks for no holder', async () => {
    await changeClient(server(), 'laboratory', { ura: undefined });
    const body = question(KARIM, { holder: '90000382', requester: GP });
    expect(verdict(await server().fhir('/Consent/$check', { as: 'laboratory', body }))).toBe(
      '403 not-own-organization',
    );
  });
});
