import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer, type Answer, type Call } from '../setup/test-server.ts';
import { entriesOf, nextOf } from '../http/answers.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { freshBsn, freshUra, GP, PHARMACY } from '../http/people.ts';
import { choice, question } from '../http/questions.ts';
import { BSN_SYSTEM, consent, organization, patient } from '../http/resources.ts';
import { subscribe } from '../http/subscriptions.ts';

const server = useTestServer();
const NONE = {} as AuditEvent;
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const PATCH = { 'Content-Type': 'application/json-patch+json' };
const UZI = 'http://fhir.nl/fhir/NamingSystem/uzi-nr-pers';

async function made(path: string, call: Call): Promise<readonly AuditEvent[]> {
  const { id, headers } = namedRequest();
  await server().fhir(path, { ...call, headers: { ...call.headers, ...headers } });
  const records = await logged(server(), id);
  const shown = records.map((record) => server().fhir<AuditEvent>(`/AuditEvent/${record.id}`, { as: 'auditor' }));
  return (await Promise.all(shown)).map(({ body }) => body);
}

/** Codes of the agent that has one of these among its types. */
function agent(event: AuditEvent, ...codes: readonly string[]) {
  return event.agent.find(({ type }) => type?.coding?.some(({ code = '' }) => codes.includes(code)));
}

const codesOf = (found: ReturnType<typeof agent>) => (found?.type?.coding ?? []).map(({ code }) => code);

/** An event in the words of the patterns: what, by which client, to which server, by whom, about what. */
function patternOf(event: AuditEvent) {
  const { type, subtype, action, outcome, entity = [] } = event;
  const user = event.agent.find(({ type: one }) => ['IRCP', 'AUT'].includes(one?.coding?.[0]?.code ?? ''));
  const roles = entity.map((one) => one.role?.code ?? one.type?.code);
  return {
    is: `${type.code ?? ''} ${subtype?.[0]?.code ?? ''} ${action ?? ''} ${outcome ?? ''}`,
    client: codesOf(agent(event, '110150')).join(' '),
    server: codesOf(event.agent.find(({ who }) => who?.identifier?.value === 'akkoord')).join(' '),
    user: user === undefined ? undefined : `${codesOf(user).join()} ${String(user.requestor)}`,
    about: [...new Set(roles)].sort().join(' '),
  };
}

const TRANSACTION = 'XrequestId';
/** Roles of what an event is about: https://hl7.org/fhir/R4/valueset-object-role.html */
const [PERSON, DATA, QUERY] = ['1', '4', '24'];

const READ = { client: '110150 110152', server: '110153' };
const WRITE = { client: '110150 110153', server: '110152' };
/** What a change was made in the way of, too: `way`. */
const CHANGED = { about: [PERSON, DATA, QUERY, TRANSACTION].sort().join(' ') };
const PERSON_AND_DATA = [PERSON, DATA, TRANSACTION].sort().join(' ');

/** Basic Audit Log Patterns, each with an access by a citizen: https://profiles.ihe.net/ITI/BALP/content.html */
const PATTERNS: readonly (readonly [string, (bsn: string, id: string) => readonly [string, Call], object])[] = [
  [
    'a create',
    (bsn) => ['/Consent', { body: consent(bsn, { dateTime: '2026-01-01' }) }],
    { is: 'rest create C 0', ...WRITE, ...CHANGED, user: 'AUT true' },
  ],
  ['a read', (_, id) => [`/Consent/${id}`, {}], { is: 'rest read R 0', ...READ, user: 'IRCP true' }],
  ['a vread', (_, id) => [`/Consent/${id}/_history/1`, {}], { is: 'rest vread R 0', ...READ, user: 'IRCP true' }],
  [
    'an update',
    (bsn, id) => [`/Consent/${id}`, { method: 'PUT', headers: { 'If-Match': 'W/"1"' }, body: { ...consent(bsn), id } }],
    { is: 'rest update U 0', ...WRITE, ...CHANGED, user: 'AUT true' },
  ],
  [
    'a patch',
    (_, id) => [
      `/Consent/${id}`,
      {
        method: 'PATCH',
        headers: { 'If-Match': 'W/"1"', ...PATCH },
        body: [{ op: 'add', path: '/dateTime', value: '2026-01-01' }],
      },
    ],
    { is: 'rest patch U 0', ...WRITE, ...CHANGED, user: 'AUT true' },
  ],
  [
    'a delete',
    (_, id) => [`/Consent/${id}`, { method: 'DELETE', headers: { 'If-Match': 'W/"1"' } }],
    { is: 'rest delete D 0', client: '110150', server: 'custodian', ...CHANGED, user: 'AUT true' },
  ],
  [
    'a query',
    () => ['/Consent?status=active', {}],
    {
      is: 'rest search-type E 0',
      ...WRITE,
      user: 'IRCP true',
      about: [PERSON, QUERY, DATA, TRANSACTION].sort().join(' '),
    },
  ],
];

describe('an event follows the pattern of', () => {
  it.each(PATTERNS)('%s about a citizen', async (_, callFor, expected) => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    await server().fhir('/Patient', { as, body: patient(bsn) });
    const { body } = await server().fhir<{ id: string }>('/Consent', { as, body: consent(bsn) });
    const [path, call] = callFor(bsn, body.id);
    const [event, ...others] = await made(path, { ...call, as });
    expect(others).toEqual([]);
    expect(patternOf(event ?? NONE)).toEqual({ about: PERSON_AND_DATA, ...expected });
    expect(validate(server().server.register.conformance, 'AuditEvent', event)).toEqual([]);
  });

  it('a create, a read and a query about nobody', async () => {
    const [created] = await made('/Organization', { as: 'admin', body: organization(freshUra()) });
    expect(patternOf(created ?? NONE)).toEqual({
      ...{ is: 'rest create C 0', ...WRITE, user: undefined, about: `${DATA} ${TRANSACTION}` },
    });
    expect(created?.agent[0]?.requestor).toBe(true);
    const [queried] = await made(`/Organization?name=nobody`, { as: 'gp' });
    expect(patternOf(queried ?? NONE)).toEqual({
      ...{ is: 'rest search-type E 0', ...WRITE, user: undefined, about: `${QUERY} ${TRANSACTION}` },
    });
  });

  it('a decision: client, user, organisation, and this server as who authorises', async () => {
    const bsn = freshBsn();
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
    const more = [{ name: 'professional', valueIdentifier: { system: UZI, value: '000012345' } }];
    const [event] = await made('/Consent/$check', { as: 'gp', body: question(bsn, { more }) });
    expect(patternOf(event ?? NONE)).toEqual({
      is: '110113 decision E 0',
      client: '110150',
      server: 'authserver',
      user: 'IRCP true',
      about: [PERSON, DATA, QUERY, TRANSACTION].sort().join(' '),
    });
    expect(agent(event ?? NONE, 'PROV')).toMatchObject({ who: { identifier: { value: PHARMACY } }, requestor: false });
    expect(event?.agent.filter(({ requestor }) => requestor)).toHaveLength(1);
  });
});

describe('a query', () => {
  it('is told by the names of its parameters and none of their values', async () => {
    const bsn = freshBsn();
    await server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) });
    const body = new URLSearchParams({ identifier: `${BSN_SYSTEM}|${bsn}`, family: 'Vogel' }).toString();
    const [event] = await made('/Patient/_search', { method: 'POST', as: `citizen:${bsn}`, headers: FORM, body });
    const query = event?.entity?.find(({ role }) => role?.code === QUERY)?.query ?? '';
    expect(Buffer.from(query, 'base64').toString('utf8')).toBe('?identifier&family');
    expect(JSON.stringify(event)).not.toMatch(new RegExp(`${bsn}|Vogel`));
  });
});

describe('an answer about several citizens', () => {
  it('leaves one record each, with what was shown of each, also of the log', async () => {
    const all = [freshBsn(), freshBsn(), freshBsn()];
    for (const bsn of all) {
      await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
      await subscribe(server(), bsn, GP);
    }
    const keys = all.map((bsn) => server().server.register.vault.keyOf(bsn).toString('hex'));
    for (const [path, as] of [
      ['/Consent?status=active&_count=1000', 'gp'],
      ['/AuditEvent?_count=1000&date=gt2020', 'auditor'],
    ] as const) {
      const { id, headers } = namedRequest();
      const shown = entriesOf(await server().fhir(path, { as, headers }));
      const records = await logged(server(), id);
      expect(records.map(({ about }) => about)).toEqual(expect.arrayContaining(keys));
      expect(new Set(records.map(({ about }) => about)).size).toBe(records.length);
      expect(records.flatMap(({ detail }) => detail.entities ?? [])).toHaveLength(shown.length);
    }
  });

  it('does not grow without end when it is the log that is read to its end', async () => {
    let events = 0;
    let next: string | undefined = '/AuditEvent?_count=50&_sort=date&date=gt2020';
    for (let page = 0; next !== undefined; page += 1) {
      expect(page).toBeLessThan(200);
      const answer: Answer<Bundle> = await server().fhir<Bundle>(next, { as: 'auditor' });
      events += entriesOf(answer).length;
      next = nextOf(answer);
    }
    expect(events).toBeGreaterThan(100);
  });
});

describe('who acted', () => {
  it('is named to the auditor also when another citizen did, and to the citizen as another one', async () => {
    const [bsn, other] = [freshBsn(), freshBsn()];
    await server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) });
    const { body: them } = await server().fhir<{ id: string }>('/Patient', {
      as: `citizen:${other}`,
      body: patient(other),
    });
    const [event] = await made('/Consent/$check', { as: `citizen:${other}`, body: question(bsn) });
    expect(event?.outcomeDesc).toBe('not-own-record');
    expect(agent(event ?? NONE, 'IRCP')?.who).toEqual({ reference: `Patient/${them.id}` });
    const own = await server().fhir<AuditEvent>(`/AuditEvent/${event?.id ?? ''}`, { as: `citizen:${bsn}` });
    expect(agent(own.body, 'IRCP')?.who?.identifier?.value).toBe('another-citizen');
    expect(JSON.stringify(own.body)).not.toContain(them.id);
    expect((await server().fhir(`/AuditEvent/${event?.id ?? ''}`, { as: `citizen:${other}` })).status).toBe(404);
  });
});
