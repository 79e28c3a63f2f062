import type { Consent } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { idsOf, partsOf, verdict } from './answers.ts';
import { get, operation, post, sendBundle, statusesOf } from './bundle.ts';
import type { Stored } from './kinds.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';
import { freshBsn, freshUra, GP, KARIM } from './people.ts';
import { choice, question } from './questions.ts';
import { consent, organization, patient, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

describe('a transaction', () => {
  const uuid = (digit: string) => `urn:uuid:${digit.repeat(8)}-1111-4111-8111-111111111111`;

  it('records resources that refer to each other', async () => {
    const bsn = freshBsn();
    const refers = { reference: uuid('a') };
    const answer = await sendBundle(server(), `citizen:${bsn}`, 'transaction', [
      post(consent(bsn, { patient: refers, performer: [refers] }), {}, uuid('b')),
      post(patient(bsn), {}, uuid('a')),
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body.type).toBe('transaction-response');
    expect(statusesOf(answer)).toEqual(['201', '201']);
    const [second, first] = (answer.body.entry ?? []).map(({ resource }) => resource);
    expect((second as Consent).patient).toEqual({ reference: `Patient/${first?.id ?? ''}` });
    const read = await server().fhir(`/Consent/${second?.id ?? ''}`, { as: `citizen:${bsn}` });
    expect(read.body).toEqual(second);
  });

  it('is carried out as DELETE, POST, PUT, GET, and answered as it was asked', async () => {
    const old = await server().fhir<Stored>('/Organization', { as: 'admin', body: organization(freshUra()) });
    const ura = freshUra();
    const answer = await sendBundle(server(), 'admin', 'transaction', [
      get(`Organization?identifier=${ura}`),
      get(`Organization/${old.body.id}`),
      { resource: { ...old.body, name: 'Nieuw' }, request: { method: 'PUT', url: `Organization/${old.body.id}` } },
      post(organization(ura)),
    ]);
    expect(statusesOf(answer)).toEqual(['200', '200', '200', '201']);
    const [found, read] = answer.body.entry ?? [];
    expect(idsOf({ status: 200, headers: new Headers(), body: found?.resource })).toHaveLength(1);
    expect(read?.resource).toMatchObject({ name: 'Nieuw' });
  });

  it('creates on a condition what is not there, and refers to what is', async () => {
    const ura = freshUra();
    const condition = { ifNoneExist: `identifier=${URA_SYSTEM}|${ura}` };
    const [first, second] = [
      await sendBundle(server(), 'admin', 'transaction', [post(organization(ura), condition)]),
      await sendBundle(server(), 'admin', 'transaction', [
        post(organization(ura), condition),
        post(organization(freshUra())),
      ]),
    ];
    expect([statusesOf(first), statusesOf(second)]).toEqual([['201'], ['200', '201']]);
    expect(second.body.entry?.[0]?.resource?.id).toBe(first.body.entry?.[0]?.resource?.id);
    const typed = { ifNoneExist: `Organization?identifier=${ura}` };
    expect(statusesOf(await sendBundle(server(), 'admin', 'transaction', [post(organization(ura), typed)]))).toEqual([
      '200',
    ]);
  });

  const failures: readonly (readonly [string, object, string])[] = [
    ['is not found', get('Organization/nothing'), '404 not-found'],
    ['is not permitted', get('AuditEvent'), '403 not-permitted'],
    ['is not valid', post(organization('1234')), '422'],
    ['is not an address', get('Observation'), '404 no-such-route'],
    ['cannot be read', { request: { method: 'GET' } }, '400 bundle-malformed'],
    ['is of a stale version', { ...get('Organization/GP'), stale: true }, '412 version-stale'],
    ['asks a $check', operation('Consent/$check', question(KARIM)), '422 check-in-transaction'],
    ['exists already', post(organization(GP)), '409 ura-registered'],
    ['matches several', post(organization('90000697'), { ifNoneExist: 'type=Z3,J8,V4' }), '412 several-match'],
    [
      'refers to nothing',
      post({ ...organization('90000697'), partOf: { reference: uuid('f') } } as { resourceType: string }),
      '400 reference-unresolved',
    ],
  ];

  it.each(failures)('leaves nothing when one entry %s', async (_, failing, expected) => {
    const [practice] = idsOf(await server().fhir(`/Organization?identifier=${GP}`, { as: 'admin' }));
    const entry =
      'stale' in failing
        ? {
            resource: { ...organization(GP), id: practice },
            request: { method: 'PUT', url: `Organization/${practice ?? ''}`, ifMatch: 'W/"7"' },
          }
        : failing;
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const entries = [post(organization(freshUra())), entry, post(organization(freshUra()))];
    const answer = await sendBundle(server(), 'admin', 'transaction', entries, headers);
    expect(verdict(answer)).toMatch(new RegExp(`^${expected}`));
    expect(await storedRows(server())).toEqual(before);
    const records = await logged(server(), id);
    expect(records.map(({ outcome }) => outcome)).toEqual(['4']);
  });

  it('leaves nothing wherever in it the failing entry stands', async () => {
    const before = await storedRows(server());
    for (let at = 0; at < 5; at += 1) {
      const entries = Array.from({ length: 5 }, (_, index) => post(organization(index === at ? '1234' : freshUra())));
      expect((await sendBundle(server(), 'admin', 'transaction', entries)).status).toBe(422);
    }
    expect(await storedRows(server())).toEqual(before);
  });

  it.each([
    ['twice the same instance', 'Organization/ID'],
    ['an instance and a condition that finds it', `Organization?identifier=${GP}`],
  ])('changes a resource once: not %s', async (_, second) => {
    const [practice = ''] = idsOf(await server().fhir(`/Organization?identifier=${GP}`, { as: 'admin' }));
    const put = (url: string) => ({ resource: { ...organization(GP), id: practice }, request: { method: 'PUT', url } });
    const answer = await sendBundle(server(), 'admin', 'transaction', [
      put(`Organization/${practice}`),
      put(second.replace('ID', practice)),
    ]);
    expect(verdict(answer)).toBe('400 transaction-duplicate');
  });

  it('does not take a citizen to another', async () => {
    const [bsn, other] = [freshBsn(), freshBsn()];
    const before = await storedRows(server());
    for (const strange of [
      post(patient(other)),
      post(consent(other)),
      operation('Consent/$choose', choice(other, 'all')),
    ]) {
      const answer = await sendBundle(server(), `citizen:${bsn}`, 'transaction', [post(patient(bsn)), strange]);
      expect(answer.status).toBe(403);
    }
    expect(await storedRows(server())).toEqual(before);
  });

  it('takes a $choose along with the rest', async () => {
    const bsn = freshBsn();
    const entries = [operation('Consent/$choose', choice(bsn, 'all')), get('Consent?status=active')];
    const answer = await sendBundle(server(), `citizen:${bsn}`, 'transaction', entries);
    expect(statusesOf(answer)).toEqual(['200', '200']);
    expect(partsOf(await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) }))['decision']).toEqual({
      name: 'decision',
      valueCode: 'permit',
    });
    const failing = [operation('Consent/$choose', choice(bsn, 'none')), get('Consent/nothing')];
    expect((await sendBundle(server(), `citizen:${bsn}`, 'transaction', failing)).status).toBe(404);
    expect(partsOf(await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) }))['decision']).toEqual({
      name: 'decision',
      valueCode: 'permit',
    });
  });

  it('answers many that fail at the same time', async () => {
    const failing = () =>
      sendBundle(server(), 'admin', 'transaction', [post(organization(freshUra())), get('Organization/nothing')]);
    const answers = await Promise.all(Array.from({ length: 30 }, failing));
    expect(answers.map(verdict)).toEqual(Array(30).fill('404 not-found'));
  });

  it('leaves a record of itself and of each entry', async () => {
    const { id, headers } = namedRequest();
    await sendBundle(
      server(),
      'admin',
      'transaction',
      [post(organization(freshUra())), get(`Organization?identifier=${GP}`)],
      headers,
    );
    const records = await logged(server(), id);
    expect(records.map(({ interaction, outcome }) => `${interaction} ${outcome}`).sort()).toEqual([
      'Organization.create 0',
      'Organization.search 0',
      'transaction 0',
    ]);
  });
});
