import type { Bundle, Consent } from '@medplum/fhirtypes';
import { actor, grantReason, origin, patientAgreed, ura } from '../profiles/sample-consents.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';
import { idsOf, verdict } from './answers.ts';
import { askedOf, decided, endBody, type Granted, granted, spoken } from './emergency.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, GP, PHARMACY, POST } from './people.ts';
import { subscribe } from './subscriptions.ts';
import { choice } from './questions.ts';
import { refused } from './refusal.ts';
import { consent, patient } from './resources.ts';

const server = useTestServer();
const PATH = '/Consent/$end-emergency';
const AT_ONE = { 'If-Match': 'W/"1"' };
const end = (as: string, id: string) => server().fhir<Consent>(PATH, { as, body: endBody(id) });

describe('a citizen who ends a grant', () => {
  it('is obeyed at once, keeps everything it said, and finds it in the log', async () => {
    const bsn = freshBsn();
    const recorded = await granted(server(), bsn);
    const { body: before } = await server().fhir<Granted>(`/Consent/${recorded.id}`, { as: `citizen:${bsn}` });
    const { id, headers } = namedRequest();
    const answer = await server().fhir<Consent>(PATH, { as: `citizen:${bsn}`, headers, body: endBody(before.id) });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...before, status: 'inactive', meta: answer.body.meta });
    expect(answer.body.meta).toMatchObject({ versionId: '2' });
    expect(await decided(server(), bsn)).toBe('deny no-consent');
    expect(await logged(server(), id)).toMatchObject([
      {
        interaction: PATH.slice(1).replace('/$', '.'),
        outcome: '0',
        detail: { entities: [`Consent/${before.id}/_history/2`] },
      },
    ]);
  });

  it('ends that one only, and leaves the past as it was', async () => {
    const bsn = freshBsn();
    const first = await granted(server(), bsn);
    await granted(server(), bsn, {}, 'hospital');
    const { meta } = (await end(`citizen:${bsn}`, first.id)).body;
    expect(await decided(server(), bsn)).toBe('deny no-consent');
    expect(await decided(server(), bsn, { requester: '00005098' })).toBe('permit emergency-grant');
    const justBefore = new Date(Date.parse(meta?.lastUpdated ?? '') - 1).toISOString();
    expect(spoken(await askedOf(server(), bsn, { at: justBefore }))).toBe('permit emergency-grant');
  });

  it('ends no grant twice, and none that has lapsed', async () => {
    const [bsn, other] = [freshBsn(), freshBsn()];
    const [ended, lapsed] = [await granted(server(), bsn), await granted(server(), other)];
    await end(`citizen:${bsn}`, ended.id);
    await lapse(lapsed);
    expect(await decided(server(), other)).toBe('deny no-consent');
    for (const [who, { id }] of [
      [bsn, ended],
      [other, lapsed],
    ] as const) {
      const answer = await refused(server(), PATH, { as: `citizen:${who}`, body: endBody(id) });
      expect(verdict(answer)).toBe('409 grant-ended');
    }
  });

  it('ends no other Consent that way', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const { body } = await server().fhir<Granted>('/Consent', { as, body: consent(bsn) });
    expect(verdict(await refused(server(), PATH, { as, body: endBody(body.id) }))).toBe('422 not-an-emergency-grant');
    await server().fhir(`/Consent/${body.id}`, { method: 'DELETE', as, headers: AT_ONE });
    expect(verdict(await refused(server(), PATH, { as, body: endBody(body.id) }))).toBe('410 deleted');
  });

  it('is the citizen it is about: another cannot tell it from none, and nobody else may', async () => {
    const bsn = freshBsn();
    const { id } = await granted(server(), bsn);
    const [theirs, none] = [await end(`citizen:${freshBsn()}`, id), await end(`citizen:${bsn}`, 'absent')];
    expect([theirs.status, theirs.body]).toEqual([404, none.body]);
    for (const as of ['post', 'gp', 'exchange', 'auditor', 'admin']) {
      expect(verdict(await refused(server(), PATH, { as, body: endBody(id) }))).toBe('403 not-permitted');
    }
    expect(await decided(server(), bsn)).toBe('permit emergency-grant');
  });
});

/** Shifts the term of a grant into the past: 72 hours are too long to wait for. */
async function lapse({ id }: Granted): Promise<void> {
  const shift = (field: string) => `'{grant,${field}}', to_jsonb((rule->'grant'->>'${field}')::bigint - 259200000)`;
  const rule = `jsonb_set(jsonb_set(rule::jsonb, ${shift('start')}), ${shift('end')})`;
  await server().database.database.query(`update consent set rule = ${rule} where id = $1`, [id]);
}

describe('a grant as a resource', () => {
  const patchStatus = (status: string): Call => ({
    method: 'PATCH',
    headers: { ...AT_ONE, 'Content-Type': 'application/json-patch+json' },
    body: [{ op: 'replace', path: '/status', value: status }],
  });

  it.each<[string, (body: Consent) => Call]>([
    ['updating', (body) => ({ method: 'PUT', headers: AT_ONE, body: { ...body, status: 'inactive' } })],
    ['patching', () => patchStatus('inactive')],
    ['patching as an error', () => patchStatus('entered-in-error')],
    ['deleting', () => ({ method: 'DELETE', headers: AT_ONE })],
  ])('is withdrawn by %s it', async (_, callOf) => {
    const bsn = freshBsn();
    const body = await granted(server(), bsn);
    const answer = await server().fhir<Consent>(`/Consent/${body.id}`, { as: `citizen:${bsn}`, ...callOf(body) });
    expect(answer.status).toBeLessThan(300);
    expect(await decided(server(), bsn)).toBe('deny no-consent');
  });

  it('is neither lengthened, widened, turned into an answer, nor begun again by the citizen', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const path = `/Consent/${(await granted(server(), bsn, { holders: [GP] })).id}`;
    const { body } = await server().fhir<Granted>(path, { as });
    const period = { start: '2026-11-22T10:00:00Z', end: '2026-11-25T10:00:00Z' };
    const answers = consent(bsn);
    const attempts: [object, string][] = [
      [{ ...body, provision: { ...body.provision, period } }, '422 origin-not-portal'],
      [{ ...body, provision: { ...body.provision, actor: [actor('CST', ura(PHARMACY))] } }, '422 origin-not-portal'],
      [{ ...answers, provision: { ...answers.provision, actor: [actor('CST', ura(GP))] } }, '422 grant-not-rewritten'],
      [
        { ...answers, provision: { ...answers.provision, actor: [actor('CST', ura(POST))] } },
        '422 grant-not-rewritten',
      ],
    ];
    for (const [changed, expected] of attempts) {
      const call = { method: 'PUT', as, headers: AT_ONE, body: changed };
      expect(verdict(await refused(server(), path, call))).toBe(expected);
    }
    expect((await server().fhir(path, { as })).body).toEqual(body);
    await end(as, body.id);
    const again = { ...patchStatus('active'), as };
    const headers = { ...again.headers, 'If-Match': 'W/"2"' };
    expect(verdict(await refused(server(), path, { ...again, headers }))).toBe('422 origin-not-portal');
  });

  it('is not made by the citizen', async () => {
    const bsn = freshBsn();
    const { provision, extension, ...rest } = consent(bsn);
    const own = {
      ...rest,
      extension: [origin('emergency'), extension[1], patientAgreed('agreed'), grantReason('x')],
      provision: {
        ...provision,
        actor: undefined,
        period: { start: '2026-11-22T10:00:00Z', end: '2026-11-25T10:00:00Z' },
        provision: [{ type: 'permit', actor: [actor('IRCP', ura(PHARMACY))] }],
      },
    };
    const answer = await refused(server(), '/Consent', { as: `citizen:${bsn}`, body: own });
    expect(verdict(answer)).toBe('422 origin-not-portal');
  });

  it('is seen by the holders it names, running and ended, and by no other holder', async () => {
    const bsn = freshBsn();
    for (const holder of [GP, PHARMACY, POST]) await subscribe(server(), bsn, holder);
    const { id } = await granted(server(), bsn, { holders: [GP] });
    const seen = async (as: string) => idsOf(await server().fhir(`/Consent?_id=${id}`, { as }));
    const expectSeen = async () => {
      expect([await seen('gp'), await seen('pharmacy'), await seen('post')]).toEqual([[id], [], []]);
    };
    await expectSeen();
    await end(`citizen:${bsn}`, id);
    await expectSeen();
  });

  it('stands among the Consents after a choice while it runs, and not once it has lapsed', async () => {
    const bsn = freshBsn();
    const recorded = await granted(server(), bsn);
    const choose = async () => {
      const answer = await server().fhir<Bundle>('/Consent/$choose', {
        as: `citizen:${bsn}`,
        body: choice(bsn, 'all'),
      });
      return idsOf(answer).includes(recorded.id);
    };
    expect(await choose()).toBe(true);
    await lapse(recorded);
    expect(await choose()).toBe(false);
  });

  it('keeps nobody from saying that they are under 16, unlike an answer', async () => {
    const [granting, answering] = [freshBsn(), freshBsn()];
    const birthDate = '2014-06-01';
    const grantOfChild = await granted(server(), granting);
    const answered = await server().fhir<Consent>('/Consent', { as: `citizen:${answering}`, body: consent(answering) });
    for (const [bsn, of, expected] of [
      [granting, grantOfChild, '200'],
      [answering, answered.body, '409 choices-stand'],
    ] as const) {
      const call = { method: 'PUT', as: `citizen:${bsn}`, body: patient(bsn, { birthDate }) };
      expect(verdict(await server().fhir(`/${of.patient?.reference ?? ''}`, call))).toBe(expected);
    }
    expect(await decided(server(), granting)).toBe('permit emergency-grant');
  });
});
