import type { AuditEvent } from '@medplum/fhirtypes';
import { insertOrganization } from '../../src/storage/organization.ts';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, verdict } from './answers.ts';
import { bundle, operation } from './bundle.ts';
import { deleteAccount } from './citizens.ts';
import { decided, endBody, grant, grantBody, granted } from './emergency.ts';
import { ageLog, logged, namedRequest, storedRows } from './ledger.ts';
import { freshBsn, freshUra, GP, HOSPITAL, POST, UNREGISTERED } from './people.ts';
import { expectNoEcho, refused } from './refusal.ts';
import { changeClient } from './registered-client.ts';
import { organization, TYPE_SYSTEM } from './resources.ts';

const server = useTestServer();
const PATH = '/Consent/$grant-emergency';

/** What the hospital's token is for, as long as the work lasts: a client with the scope for grants. */
async function asHospitalOf<T>(ura: string | undefined, work: () => Promise<T>): Promise<T> {
  const restore = await changeClient(server(), 'hospital', { ura });
  try {
    return await work();
  } finally {
    await restore();
  }
}

describe('who may record a grant', () => {
  const FORBIDDEN = '403 not-an-emergency-organization';

  it.each([
    ['N6', '200'],
    ['V4', '200'],
    ['V5', '200'],
    ['V6', '200'],
    ['AMB', '200'],
    ['J8', FORBIDDEN],
    ['Z3', FORBIDDEN],
    ['L1', FORBIDDEN],
    ['V7', FORBIDDEN],
  ])('is said by the catalogue: an organisation of type %s is answered %s', async (type, expected) => {
    const ura = freshUra();
    const body = organization(ura, { type: [{ coding: [{ system: TYPE_SYSTEM, code: type }] }] });
    expect((await server().fhir('/Organization', { as: 'admin', body })).status).toBe(201);
    const answer = await asHospitalOf(ura, () => grant(server(), freshBsn(), {}, 'hospital'));
    expect(verdict(answer)).toBe(expected);
  });

  it.each([
    ['an organisation that is not registered', UNREGISTERED, '401 unknown-client'],
    ['no organisation', undefined, FORBIDDEN],
  ])('are no clients of %s', async (_, ura, expected) => {
    const call = { as: 'hospital', body: grantBody(freshBsn()) };
    expect(verdict(await asHospitalOf(ura, () => refused(server(), PATH, call)))).toBe(expected);
  });

  it.each([
    ['gp', '403 insufficient-scope'],
    ['pharmacy', '403 insufficient-scope'],
    ['laboratory', '403 insufficient-scope'],
    ['exchange', '403 not-permitted'],
    ['auditor', '403 not-permitted'],
    ['admin', '403 not-permitted'],
    [`citizen:${freshBsn()}`, '403 not-permitted'],
  ])('is not %s: %s', async (as, expected) => {
    expect(verdict(await refused(server(), PATH, { as, body: grantBody(freshBsn()) }))).toBe(expected);
  });

  it.each([['post'], ['hospital']])('is %s, without subscription or treatment relation', async (as) => {
    const bsn = freshBsn();
    await granted(server(), bsn, {}, as);
    expect(await decided(server(), bsn, { requester: as === 'post' ? POST : HOSPITAL })).toBe('permit emergency-grant');
  });
});

describe('what a grant must say', () => {
  it.each([
    ['no reason', { reason: '' }, '422 reason-required'],
    ['a blank reason', { reason: '  ' }, '400 value-malformed'],
    ['a reason of 1001 characters', { reason: 'x'.repeat(1001) }, '422 reason-too-long'],
    ['a BSN in the reason', { reason: 'son of 900203638' }, '422 reason-with-bsn'],
    ['a BSN in groups in the reason', { reason: 'son of 900.203.638' }, '422 reason-with-bsn'],
    ['a holder that is not registered', { holders: [UNREGISTERED] }, '422 holder-not-registered'],
    ['one such holder beside another', { holders: [GP, UNREGISTERED] }, '422 holder-not-registered'],
  ])('%s: nothing is recorded', async (_, asked, expected) => {
    const bsn = freshBsn();
    const answer = await refused(server(), PATH, { as: 'post', body: grantBody(bsn, asked) });
    expect(verdict(answer)).toBe(expected);
    expectNoEcho(answer, bsn);
    expect(await decided(server(), bsn)).toBe('deny no-consent');
  });

  it('not a holder outside care', async () => {
    const ura = freshUra();
    const { database } = server().server.register;
    const version = { id: `outside-${ura}`, recordedAt: 0, content: organization(ura), search: {} };
    await insertOrganization(database, { ...version, ura, types: ['insurer'] });
    const answer = await refused(server(), PATH, { as: 'post', body: grantBody(freshBsn(), { holders: [ura] }) });
    expect(verdict(answer)).toBe('422 holder-not-in-care');
  });

  it.each([['123456789'], ['000000000'], ['90018602']])('a BSN, which %s is not', async (bsn) => {
    expect(verdict(await refused(server(), PATH, { as: 'post', body: grantBody(bsn) }))).toBe('400 bsn-invalid');
  });

  it('each by itself in a batch; a transaction takes none, for one grant must not undo another', async () => {
    const [one, other] = [freshBsn(), freshBsn()];
    const entries = (type: 'batch' | 'transaction', reason: string) =>
      bundle(type, [
        operation('Consent/$grant-emergency', grantBody(one, { reason })),
        operation('Consent/$grant-emergency', grantBody(other)),
      ]);
    const before = await storedRows(server());
    const whole = await server().fhir('/', {
      as: 'post',
      body: entries('transaction', 'Chest pain'),
    });
    expect(verdict(whole)).toBe('422 grant-in-transaction');
    expect(await storedRows(server())).toEqual(before);
    expect((await server().fhir('/', { as: 'post', body: entries('batch', '') })).status).toBe(200);
    expect(await decided(server(), one)).toBe('deny no-consent');
    expect(await decided(server(), other)).toBe('permit emergency-grant');
  });
});

describe('a second grant by the same organisation within 72 hours', () => {
  const SECOND = '422 second-grant-needs-agreement';
  const unable = { agreed: 'unable' } as const;

  it('needs the agreement of the patient', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn, unable);
    const answer = await refused(server(), PATH, { as: 'post', body: grantBody(bsn, unable) });
    expect(verdict(answer)).toBe(SECOND);
    expect(verdict(await grant(server(), bsn, { agreed: 'agreed' }))).toBe('200');
    expect(verdict(await grant(server(), bsn, unable))).toBe(SECOND);
  });

  it('needs it also for another holder, and after the citizen ended or deleted the first', async () => {
    const [bsn, ended, deleted] = [freshBsn(), freshBsn(), freshBsn()];
    await granted(server(), bsn, { ...unable, holders: [GP] });
    expect(verdict(await grant(server(), bsn, { ...unable, holders: [HOSPITAL] }))).toBe(SECOND);
    const first = await granted(server(), ended, unable);
    await server().fhir('/Consent/$end-emergency', { as: `citizen:${ended}`, body: endBody(first.id) });
    expect(verdict(await grant(server(), ended, unable))).toBe(SECOND);
    const gone = await granted(server(), deleted, unable);
    const headers = { 'If-Match': 'W/"1"' };
    await server().fhir(`/Consent/${gone.id}`, { method: 'DELETE', as: `citizen:${deleted}`, headers });
    expect(verdict(await grant(server(), deleted, unable))).toBe(SECOND);
  });

  it('needs it, and is flagged, also after the citizen deleted the account', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn, unable);
    expect((await deleteAccount(server(), bsn)).status).toBe(200);
    expect(verdict(await grant(server(), bsn, unable))).toBe(SECOND);
    expect(await decided(server(), bsn)).toBe('deny no-consent');
    const { id, headers } = namedRequest();
    expect((await server().fhir(PATH, { as: 'post', headers, body: grantBody(bsn) })).status).toBe(200);
    const [record] = await logged(server(), id);
    expect(record?.detail.flagged).toBe('repeated-emergency-grant');
  });

  it('is none after a grant that was refused', async () => {
    const bsn = freshBsn();
    expect((await grant(server(), bsn, { ...unable, reason: '' })).status).toBe(422);
    expect((await grant(server(), bsn, { ...unable, holders: [UNREGISTERED] })).status).toBe(422);
    expect(verdict(await grant(server(), bsn, unable))).toBe('200');
  });

  it('is no second one of another organisation or for another citizen', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn, unable);
    expect(verdict(await grant(server(), bsn, unable, 'hospital'))).toBe('200');
    expect(verdict(await grant(server(), freshBsn(), unable))).toBe('200');
  });

  it('is one for 72 hours from the start of the first, and no longer', async () => {
    const [early, late] = [freshBsn(), freshBsn()];
    for (const bsn of [early, late]) await granted(server(), bsn, unable);
    await ageLog(server(), early, '71 hours 59 minutes');
    await ageLog(server(), late, '72 hours');
    expect(verdict(await grant(server(), early, unable))).toBe(SECOND);
    expect(verdict(await grant(server(), late, unable))).toBe('200');
  });

  it('of ten at once without agreement, one is recorded', async () => {
    const bsn = freshBsn();
    const answers = await Promise.all(Array.from({ length: 10 }, () => grant(server(), bsn, unable)));
    expect(answers.map(verdict).sort()).toEqual(['200', ...Array.from({ length: 9 }, () => SECOND)]);
  });
});

describe('the log of grants', () => {
  it('holds each with its Consent, flags every one after the first, and holds what was refused', async () => {
    const bsn = freshBsn();
    const { id, headers } = namedRequest();
    const record = (agreed: 'agreed' | 'unable') =>
      server().fhir(PATH, { as: 'post', headers, body: grantBody(bsn, { agreed }) });
    for (const agreed of ['unable', 'agreed', 'unable', 'agreed'] as const) await record(agreed);
    const records = await logged(server(), id);
    expect(records.map(({ interaction, client }) => [interaction, client])).toEqual(
      Array.from({ length: 4 }, () => ['Consent.grant-emergency', 'post']),
    );
    const REPEATED = 'repeated-emergency-grant';
    expect(records.map(({ outcome, detail }) => [outcome, detail.problem, detail.flagged])).toEqual([
      ['0', undefined, undefined],
      ['0', undefined, REPEATED],
      ['4', 'second-grant-needs-agreement', undefined],
      ['0', undefined, REPEATED],
    ]);
    expect(records[1]?.detail.entities).toEqual([expect.stringMatching(/^Consent\/.+\/_history\/1$/)]);
  });

  it('tells the citizen of each, the auditor of each that is flagged, and says it in AuditEvents of our profile', async () => {
    const bsn = freshBsn();
    for (let count = 0; count < 3; count += 1) await granted(server(), bsn);
    const path = '/AuditEvent?subtype=grant-emergency';
    const events = entriesOf<AuditEvent>(await server().fhir(path, { as: `citizen:${bsn}` }));
    expect(events.map(flagsOf)).toEqual([['repeated-emergency-grant'], ['repeated-emergency-grant'], []]);
    const [latest] = events;
    expect(latest).toMatchObject({ action: 'E', outcome: '0', subtype: [{ code: 'grant-emergency' }] });
    expect(latest?.agent.map(({ who }) => who?.identifier?.value)).toEqual(['post', POST, 'akkoord']);
    const read = await server().fhir<AuditEvent>(`/AuditEvent/${latest?.id ?? ''}`, { as: 'auditor' });
    expect(read.body).toEqual(latest);
  });

  function flagsOf({ entity }: AuditEvent): unknown[] {
    const details = (entity ?? []).flatMap(({ detail }) => detail ?? []);
    return details.filter(({ type }) => type === 'flagged').map(({ valueString }) => valueString);
  }
});
