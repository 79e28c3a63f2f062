import type { AuditEvent, Bundle, Consent } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, idsOf, nextOf, partsOf, verdict } from './answers.ts';
import { bundle, get } from './bundle.ts';
import { detailsOf, logPage, settled, toldBy, wholeLog } from './citizens.ts';
import { decided, endBody, grant, granted } from './emergency.ts';
import { freshBsn, GP, PHARMACY, POST } from './people.ts';
import { choice, parameters, question } from './questions.ts';
import { consent, patient, URA_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const UZI_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/uzi-nr-pers';
const ROLE_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/uzi-rolcode';
const TYPE_SYSTEM = 'http://nictiz.nl/fhir/NamingSystem/organization-type';
const NONE = {} as AuditEvent;

/** Who called this server, by their type: whom they are identified as, and in which role. */
function agentsOf({ agent }: AuditEvent): Record<string, object> {
  const others = agent.filter(({ who }) => who?.identifier?.value !== 'akkoord');
  return Object.fromEntries(
    others.map(({ type, who, role }) => [
      type?.coding?.[0]?.code ?? '',
      { who: who?.identifier?.value, ...(role === undefined ? {} : { role: role.map(({ coding }) => coding?.[0]) }) },
    ]),
  );
}

const touchedBy = ({ entity = [] }: AuditEvent) => entity.flatMap(({ what }) => what?.reference ?? []);

describe('the citizen’s log', () => {
  it('tells who asked about which choice for whom, from before there was an account too', async () => {
    const bsn = freshBsn();
    await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
    const [asked, ...others] = await wholeLog(server(), bsn);
    expect(others).toEqual([]);
    expect(toldBy(asked ?? NONE)).toBe('decision 0 no-consent');
    expect(asked?.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('TREAT');
    expect(agentsOf(asked ?? NONE)).toEqual({
      '110150': { who: 'gp' },
      PROV: { who: PHARMACY, role: [{ system: TYPE_SYSTEM, code: 'J8' }] },
    });
    expect(detailsOf(asked ?? NONE)).toMatchObject({
      holder: [GP],
      holderType: ['Z3'],
      requester: [PHARMACY],
      requesterType: ['J8'],
      dataCategory: ['GGC002'],
      decision: ['deny'],
      reason: ['no-consent'],
    });
    expect(touchedBy(asked ?? NONE)).toEqual([]);
  });

  it('names who asks under a mandate, and who gave it; the decision is the same (scenario 32)', async () => {
    const bsn = freshBsn();
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
    const more = [
      { name: 'professional', valueIdentifier: { system: UZI_SYSTEM, value: '000011111' } },
      { name: 'mandated', valueIdentifier: { system: UZI_SYSTEM, value: '000022222' } },
      { name: 'requesterRole', valueCoding: { system: ROLE_SYSTEM, code: '01.015' } },
    ];
    const plain = partsOf(await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) }));
    const mandated = partsOf(await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn, { more }) }));
    for (const part of ['decision', 'reason', 'basedOn']) expect(mandated[part]).toEqual(plain[part]);
    const [asked, without] = await wholeLog(server(), bsn);
    expect(`urn:uuid:${asked?.id ?? ''}`).toBe(mandated['decisionId']?.valueUri);
    expect(agentsOf(asked ?? NONE)).toEqual({
      '110150': { who: 'gp' },
      PROV: { who: PHARMACY, role: [{ system: TYPE_SYSTEM, code: 'J8' }] },
      IRCP: { who: '000011111', role: [{ system: ROLE_SYSTEM, code: '01.015' }] },
      DLG: { who: '000022222' },
    });
    expect(Object.keys(agentsOf(without ?? NONE))).toEqual(['110150', 'PROV']);
    expect(detailsOf(asked ?? NONE)).toEqual(detailsOf(without ?? NONE));
    expect([toldBy(asked ?? NONE), asked?.purposeOfEvent?.[0]?.coding?.[0]?.code]).toEqual([
      'decision 0 consent-given',
      'TREAT',
    ]);
  });

  it('tells of an emergency grant, and leads to its reason', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn, { reason: 'Found unconscious', agreed: 'unable' });
    const [recorded] = await wholeLog(server(), bsn);
    expect(toldBy(recorded ?? NONE)).toBe('grant-emergency 0');
    expect(detailsOf(recorded ?? NONE)).toEqual({ way: ['emergency'] });
    expect(agentsOf(recorded ?? NONE)).toEqual({
      '110150': { who: 'post' },
      PROV: { who: POST, role: [{ system: TYPE_SYSTEM, code: 'N6' }] },
    });
    const [address = ''] = touchedBy(recorded ?? NONE).filter((one) => one.startsWith('Consent/'));
    const { body } = await server().fhir<Consent>(`/${address}`, { as: `citizen:${bsn}` });
    const said = (body.extension ?? []).flatMap(({ valueString, valueCode }) => valueString ?? valueCode ?? []);
    expect(said).toEqual(expect.arrayContaining(['Found unconscious', 'unable', 'emergency']));
    expect(JSON.stringify(recorded)).not.toContain('unconscious');
  });

  it('flags a second grant, tells of one that was refused, and of the end', async () => {
    const bsn = freshBsn();
    const first = await granted(server(), bsn);
    expect(verdict(await grant(server(), bsn, { agreed: 'unable' }))).toBe('422 second-grant-needs-agreement');
    await granted(server(), bsn);
    const ending = { as: `citizen:${bsn}`, body: endBody(first.id) };
    expect((await server().fhir('/Consent/$end-emergency', ending)).status).toBe(200);
    const log = await wholeLog(server(), bsn);
    expect(log.map(toldBy)).toEqual([
      'end-emergency 0',
      'grant-emergency 0',
      'grant-emergency 4 second-grant-needs-agreement',
      'grant-emergency 0',
    ]);
    expect(log.map((event) => detailsOf(event)['flagged'])).toEqual([
      undefined,
      ['repeated-emergency-grant'],
      undefined,
      undefined,
    ]);
    expect(touchedBy(log[0] ?? NONE)).toContain(`Consent/${first.id}/_history/2`);
  });

  it('tells what a grant against a no was good for (scenario 39)', async () => {
    const bsn = freshBsn();
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'none') });
    await granted(server(), bsn, { agreed: 'unable' });
    expect(await decided(server(), bsn)).toBe('deny consent-refused');
    await granted(server(), bsn, { agreed: 'agreed' });
    expect(await decided(server(), bsn)).toBe('permit emergency-grant');
    const log = await wholeLog(server(), bsn);
    expect(log.map(toldBy)).toEqual([
      'decision 0 emergency-grant',
      'grant-emergency 0',
      'decision 0 consent-refused',
      'grant-emergency 0',
      'choose 0',
    ]);
    expect(detailsOf(log.at(-1) ?? NONE)).toEqual({ way: ['portal'] });
    expect(touchedBy(log.at(-1) ?? NONE).some((one) => /^Consent\/.+\/_history\/1$/.test(one))).toBe(true);
  });

  it('tells who registered the citizen as a patient, and who looked at the choices', async () => {
    const bsn = freshBsn();
    await subscribe(server(), bsn, GP);
    const made = await server().fhir<Consent>('/Consent', { as: `citizen:${bsn}`, body: consent(bsn) });
    await server().fhir(`/Consent/${made.body.id ?? ''}`, { as: 'gp' });
    const [looked, , registered] = await wholeLog(server(), bsn);
    expect([toldBy(looked ?? NONE), toldBy(registered ?? NONE)]).toEqual(['read 0', 'create 0']);
    for (const event of [looked, registered]) {
      expect(agentsOf(event ?? NONE)).toMatchObject({ PROV: { who: GP, role: [{ code: 'Z3' }] } });
    }
    expect(touchedBy(registered ?? NONE).some((one) => one.startsWith('Subscription/'))).toBe(true);
  });

  it('says of an organisation what it was then', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn);
    const found = await server().fhir<Bundle>('/Organization/_search', {
      as: 'admin',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ identifier: `${URA_SYSTEM}|${POST}` }).toString(),
    });
    const [registered] = entriesOf(found);
    const path = `/Organization/${registered?.id ?? ''}`;
    const type = (code: string) => [{ coding: [{ system: TYPE_SYSTEM, code }] }];
    const change = (code: string) =>
      server().fhir(path, { as: 'admin', method: 'PUT', body: { ...registered, type: type(code) } });
    expect((await change('V4')).status).toBe(200);
    await granted(server(), bsn);
    expect((await change('N6')).status).toBe(200);
    const log = await wholeLog(server(), bsn);
    expect(log.map((event) => agentsOf(event)['PROV'])).toMatchObject([
      { who: POST, role: [{ code: 'V4' }] },
      { who: POST, role: [{ code: 'N6' }] },
    ]);
  });

  it('holds nothing of anybody else, and its events are valid', async () => {
    const [bsn, other] = [freshBsn(), freshBsn()];
    for (const one of [bsn, other]) {
      await server().fhir('/Patient', { as: `citizen:${one}`, body: patient(one) });
      await server().fhir('/Consent/$check', { as: 'gp', body: question(one) });
      await settled(server(), one, { locked: true });
      await grant(server(), one, { agreed: 'unable' });
    }
    const [mine, theirs] = [await wholeLog(server(), bsn), await wholeLog(server(), other)];
    expect(mine.map(toldBy)).toEqual([
      'grant-emergency 4 locked-by-citizen',
      'settings 0',
      'decision 0 no-consent',
      'create 0',
    ]);
    expect(mine.filter(({ id }) => theirs.some((event) => event.id === id))).toEqual([]);
    const { conformance } = server().server.register;
    expect(mine.flatMap((event) => validate(conformance, 'AuditEvent', event))).toEqual([]);
  });
});

describe('pages of the citizen’s log', () => {
  /** A citizen about whom something was asked so many times. */
  async function askedAbout(times: number): Promise<string> {
    const bsn = freshBsn();
    for (let at = 0; at < times; at += 1) await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
    return bsn;
  }

  it('follow each other, newest first, each event once, whatever happens meanwhile', async () => {
    const bsn = await askedAbout(7);
    const as = `citizen:${bsn}`;
    const body = parameters([{ name: '_count', valueInteger: 3 }]);
    let page = await server().fhir<Bundle<AuditEvent>>('/Patient/$access-log', { as, body });
    const seen: AuditEvent[][] = [entriesOf<AuditEvent>(page)];
    for (let next = nextOf(page); next !== undefined; next = nextOf(page)) {
      await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
      page = await logPage(server(), bsn, next);
      seen.push(entriesOf<AuditEvent>(page));
    }
    expect(seen.map((events) => events.length)).toEqual([3, 3, 1]);
    const times = seen.flat().map(({ recorded }) => recorded);
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set(seen.flat().map(({ id }) => id)).size).toBe(7);
  });

  it('are read by GET as well, with the same content', async () => {
    const bsn = await askedAbout(2);
    const as = `citizen:${bsn}`;
    const posted = await logPage(server(), bsn);
    const got = await server().fhir('/Patient/$access-log?_count=2&_format=json', { as });
    expect(idsOf(got).slice(1)).toEqual(idsOf(posted).slice(0, 1));
    expect(got.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    const entry = await server().fhir<Bundle>('/', {
      as,
      body: bundle('batch', [get('Patient/$access-log?_count=1')]),
    });
    expect(entry.body.entry?.[0]?.response?.status).toMatch(/^200/);
  });

  it('leave one record each, which holds no list of what was read', async () => {
    const bsn = await askedAbout(3);
    await wholeLog(server(), bsn);
    const log = await wholeLog(server(), bsn);
    expect(log.map(toldBy)).toEqual(['access-log 0', ...Array<string>(3).fill('decision 0 no-consent')]);
    expect(log[0]?.entity?.map(({ what, type }) => what?.reference ?? type?.code)).toEqual(['XrequestId']);
  });

  it('hold nothing in their links that says whose they are', async () => {
    const bsn = await askedAbout(2);
    const key = server().server.register.vault.keyOf(bsn);
    const next = nextOf(await server().fhir('/Patient/$access-log?_count=1', { as: `citizen:${bsn}` })) ?? '';
    const cursor = new URL(next, 'http://x/').searchParams.get('_cursor') ?? '';
    for (const text of [next, Buffer.from(cursor, 'base64url').toString('latin1')]) {
      for (const secret of [bsn, key.toString('hex'), key.toString('base64url')]) expect(text).not.toContain(secret);
    }
    const stranger = await server().fhir<Bundle>(next, { as: `citizen:${freshBsn()}` });
    expect([stranger.status, idsOf(stranger)]).toEqual([200, []]);
  });

  it.each([
    ['_count=0', '400 value-malformed'],
    ['_count=1001', '400 value-malformed'],
    ['_count=-1', '400 value-malformed'],
    ['_count=x', '400 value-malformed'],
    ['_count=', '400 value-malformed'],
    ['_count=1&_count=2', '400 parameter-repeated'],
    ['_cursor=abc', '400 invalid-cursor'],
    ['_cursor=WzFd', '400 invalid-cursor'],
    ['patient=x', '400 parameter-unknown'],
    ['_sort=date', '400 parameter-unknown'],
  ])('are refused with %s: %s', async (query, expected) => {
    expect(verdict(await server().fhir(`/Patient/$access-log?${query}`, { as: `citizen:${freshBsn()}` }))).toBe(
      expected,
    );
  });

  it.each([
    ['_count', 'valueString', '5'],
    ['_count', 'valueInteger', 1.5],
    ['count', 'valueInteger', 5],
  ])('are refused with a parameter %s %s %s', async (name, key, value) => {
    const call = { as: `citizen:${freshBsn()}`, body: parameters([{ name, [key]: value }]) };
    expect((await server().fhir('/Patient/$access-log', call)).status).toBe(400);
  });
});
