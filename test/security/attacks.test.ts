import type { Bundle, Consent, Patient } from '@medplum/fhirtypes';
import { idsOf, verdict } from '../http/answers.ts';
import { post, sendBundle, statusesOf } from '../http/bundle.ts';
import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { migrate, migrated } from '../http/migrating.ts';
import { freshBsn, GP } from '../http/people.ts';
import { setScene } from '../http/permission-calls.ts';
import { record } from '../http/provider-choices.ts';
import { choice, parameters, question } from '../http/questions.ts';
import { BSN_SYSTEM, consent, patient } from '../http/resources.ts';
import { subscribe } from '../http/subscriptions.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';

const server = useTestServer();
const FIRST = { 'If-Match': 'W/"1"' };
const PATCH = { ...FIRST, 'Content-Type': 'application/json-patch+json' };

describe('a citizen who writes for another', () => {
  it('is refused in every way there is, each try is recorded, and nothing is stored', async () => {
    const scene = await setScene(server(), true);
    const attacker = freshBsn();
    const as = `citizen:${attacker}`;
    const mine = await server().fhir<Consent>('/Consent', { as, body: consent(attacker) });
    const theirs = { reference: `Patient/${scene.patient.id}` };
    const forged = consent(attacker, { patient: theirs, performer: [theirs] });
    const onto = `/Consent/${scene.consent.id}`;
    const tries: readonly (readonly [string, Call, string])[] = [
      ['/Consent', { body: consent(scene.owner) }, '403'],
      ['/Consent', { body: forged }, '403'],
      [onto, { method: 'PUT', headers: FIRST, body: consent(scene.owner) }, '404'],
      [onto, { method: 'PUT', headers: FIRST, body: consent(attacker) }, '404'],
      [onto, { method: 'PATCH', headers: PATCH, body: [{ op: 'replace', path: '/status', value: 'inactive' }] }, '404'],
      [onto, { method: 'DELETE', headers: FIRST }, '404'],
      [`/Consent?patient=${scene.patient.id}`, { method: 'PUT', headers: FIRST, body: consent(scene.owner) }, '403'],
      [`/Consent?_id=${scene.consent.id}`, { method: 'PUT', headers: FIRST, body: forged }, '403'],
      [`/Consent?_id=${scene.consent.id}`, { method: 'PATCH', headers: PATCH, body: [] }, '404'],
      [
        `/Consent/${mine.body.id ?? ''}`,
        { method: 'PUT', headers: FIRST, body: { ...mine.body, patient: theirs } },
        '403',
      ],
      ['/', { body: { resourceType: 'Bundle', type: 'transaction', entry: [post(consent(scene.owner))] } }, '403'],
      ['/Consent/$choose', { body: choice(scene.owner, 'all') }, '403'],
    ];
    const before = await storedRows(server());
    for (const [path, call, expected] of tries) {
      const { id, headers } = namedRequest();
      const answer = await server().fhir(path, { ...call, as, headers: { ...call.headers, ...headers } });
      expect([path, String(answer.status)]).toEqual([path, expected]);
      const records = await logged(server(), id);
      expect(records.map(({ outcome }) => outcome)).toContain('4');
    }
    const batch = await sendBundle(server(), as, 'batch', [post(consent(scene.owner)), post(forged)]);
    expect(statusesOf(batch)).toEqual(['403', '403']);
    expect(await storedRows(server())).toEqual(before);
    expect((await server().fhir<Consent>(onto, { as: `citizen:${scene.owner}` })).body).toEqual(scene.consent);
  });

  it('may do each of these for themselves', async () => {
    const own = freshBsn();
    const as = `citizen:${own}`;
    const { body } = await server().fhir<Consent>('/Consent', { as, body: consent(own) });
    const path = `/Consent/${body.id ?? ''}`;
    expect((await server().fhir(path, { as, method: 'PUT', headers: FIRST, body })).status).toBe(200);
    const answer = await sendBundle(server(), as, 'transaction', [post(consent(own))]);
    expect(statusesOf(answer)).toEqual(['201']);
    expect((await server().fhir('/Consent/$choose', { as, body: choice(own, 'all') })).status).toBe(200);
  });
});

describe('a holder that wants to see another’s patient', () => {
  it('can neither write about them, nor make them one with a patient of its own, and then reads nothing', async () => {
    const scene = await setScene(server(), true);
    const patientOfMine = freshBsn();
    const as = 'hospital';
    await subscribe(server(), patientOfMine, '00005098');
    const before = await storedRows(server());
    const { reference } = { reference: `Patient/${scene.patient.id}` };
    const writes: readonly (readonly [string, object])[] = [
      ['/Consent', consent(scene.owner)],
      ['/Consent', consent(patientOfMine, { patient: { reference } })],
      ['/Patient', patient(scene.owner)],
      ['/Patient', patient(patientOfMine, { link: [{ other: { reference }, type: 'seealso' }] })],
    ];
    for (const [path, body] of writes)
      expect(verdict(await server().fhir(path, { as, body }))).toBe('403 not-permitted');
    expect((await record(server(), scene.owner, { as })).status).toBe(403);
    const brought = await migrate(server(), [migrated(scene.owner, { permit: ['RPZAC005'] }, {}, '00005098')], as);
    expect(brought.body.entry?.[0]?.response?.status).toMatch(/^403/);
    expect(await storedRows(server())).toEqual(before);
    for (const query of ['Consent?_lastUpdated=gt2000', 'Provenance', 'Subscription?status=active']) {
      const text = JSON.stringify((await server().fhir<Bundle>(`/${query}`, { as })).body);
      for (const secret of [scene.patient.id, scene.consent.id, scene.owner]) expect(text).not.toContain(secret);
    }
  });

  it('sees them once it is their holder, and they see that', async () => {
    const scene = await setScene(server(), true);
    expect(idsOf(await server().fhir('/Consent?status=active', { as: 'gp' }))).toContain(scene.consent.id);
    const log = await server().fhir<Bundle>('/AuditEvent?subtype=search-type', { as: `citizen:${scene.owner}` });
    expect(JSON.stringify(log.body)).toContain(GP);
  });
});

describe('a citizen who wants to be one with another', () => {
  it.each<[string, (theirs: { owner: string; id: string }) => object]>([
    ['a link', ({ id }) => ({ link: [{ other: { reference: `Patient/${id}` }, type: 'replaced-by' }] })],
    [
      'a second number',
      ({ owner }) => ({
        identifier: [
          { system: BSN_SYSTEM, value: owner },
          { system: BSN_SYSTEM, value: owner },
        ],
      }),
    ],
    ['the other number', ({ owner }) => ({ identifier: [{ system: BSN_SYSTEM, value: owner }] })],
    ['the other id', ({ id }) => ({ id })],
    ['the other contained', ({ id }) => ({ contained: [{ resourceType: 'Patient', id }] })],
  ])('gets nothing of them by %s', async (_how, changeOf) => {
    const scene = await setScene(server(), true);
    const own = freshBsn();
    const as = `citizen:${own}`;
    const change = changeOf({ owner: scene.owner, id: scene.patient.id });
    const { body } = await server().fhir<Patient>('/Patient', { as, body: patient(own) });
    const path = `/Patient/${body.id ?? ''}`;
    const put = await server().fhir(path, { as, method: 'PUT', body: { ...patient(own), ...change } });
    const posted = await server().fhir('/Patient', { as, body: { ...patient(own), ...change } });
    expect(put.status).toBeGreaterThanOrEqual(400);
    expect(posted.status).toBeGreaterThanOrEqual(400);
    for (const query of [
      'Consent?_lastUpdated=gt2000',
      'Patient?_lastUpdated=gt2000',
      'Provenance',
      'AuditEvent?_count=1000',
    ]) {
      const text = JSON.stringify((await server().fhir(`/${query}`, { as })).body);
      expect(text.includes(scene.consent.id) || text.includes(scene.owner)).toBe(false);
    }
    expect((await server().fhir('/Consent/$check', { as, body: question(scene.owner) })).status).toBe(403);
    expect((await server().fhir('/Patient/$settings', { as, body: parameters([]) })).status).toBe(200);
  });
});
