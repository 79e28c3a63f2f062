import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';
import { entriesOf, nextOf, partsOf, resultsOf, verdict } from './answers.ts';
import { bundle, get } from './bundle.ts';
import type { Stored } from './kinds.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, freshUra, GP, HOSPITAL, KARIM, NOOR, PHARMACY } from './people.ts';
import { batchOf, choice, question, questionOf } from './questions.ts';
import { consent, organization, patient } from './resources.ts';

const server = useTestServer();
const UZI = 'http://fhir.nl/fhir/NamingSystem/uzi-nr-pers';
const ROLE = 'http://fhir.nl/fhir/NamingSystem/uzi-rolcode';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const idIn = (uri: string | undefined) => (uri ?? '').replace('urn:uuid:', '');

async function eventOf(id: string): Promise<AuditEvent> {
  const answer = await server().fhir<AuditEvent>(`/AuditEvent/${id}`, { as: 'auditor' });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** The details of the question in an AuditEvent, by name. */
function detailsOf({ entity = [] }: AuditEvent): Record<string, string | undefined> {
  return Object.fromEntries(
    entity.flatMap(({ detail = [] }) => detail.map(({ type, valueString }) => [type, valueString])),
  );
}

describe('a decision', () => {
  it('has one record, which the auditor reads under the id of the decision', async () => {
    const { id, headers } = namedRequest();
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM), headers });
    const { decisionId, basedOn, catalogueVersion } = partsOf(answer);
    const records = await logged(server(), id);
    expect(records.map((record) => record.id)).toEqual([idIn(decisionId?.valueUri)]);
    const event = await eventOf(idIn(decisionId?.valueUri));
    expect(detailsOf(event)).toEqual({
      holder: GP,
      holderType: 'Z3',
      requester: PHARMACY,
      requesterType: 'J8',
      dataCategory: 'GGC002',
      decision: 'permit',
      reason: 'consent-given',
      catalogueVersion: catalogueVersion?.valueString,
    });
    expect(event.outcome).toBe('0');
    expect(event.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('TREAT');
    const touched = event.entity?.map(({ what }) => what?.reference);
    expect(touched).toContain(basedOn?.valueReference?.reference);
    const [citizen] = entriesOf(await server().fhir('/Patient?birthdate=1971', { as: `citizen:${KARIM}` }));
    expect(touched).toContain(`Patient/${citizen?.id ?? ''}`);
  });

  it('names the professional, who acts for them, and the role', async () => {
    const person = (name: string, value: string) => ({ name, valueIdentifier: { system: UZI, value } });
    const more = [
      person('professional', '000012345'),
      person('mandated', '000067890'),
      { name: 'requesterRole', valueCoding: { system: ROLE, code: '01.015' } },
    ];
    const plain = partsOf(await server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM) }));
    const mandated = partsOf(await server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM, { more }) }));
    expect(mandated['decision']).toEqual(plain['decision']);
    const event = await eventOf(idIn(mandated['decisionId']?.valueUri));
    const people = event.agent.filter(({ who }) => who?.identifier?.system === UZI);
    expect(people.map(({ who, role }) => [who?.identifier?.value, role?.[0]?.coding?.[0]?.code])).toEqual([
      ['000012345', '01.015'],
      ['000067890', undefined],
    ]);
    const organisations = event.agent.map(({ who }) => who?.identifier?.value);
    expect(organisations).toEqual(expect.arrayContaining(['gp', PHARMACY]));
    const own = await server().fhir(`/AuditEvent/${event.id ?? ''}`, { as: `citizen:${KARIM}` });
    expect(own.body).toEqual(event);
  });

  it('has one record for each data category asked', async () => {
    const { id, headers } = namedRequest();
    const body = question(KARIM, { dataCategory: ['GGC013', 'GGC002', 'GGC012'] });
    const results = resultsOf(await server().fhir('/Consent/$check', { as: 'gp', body, headers }));
    const ids = results.map(({ decisionId }) => idIn(decisionId?.valueUri));
    expect(new Set(ids).size).toBe(3);
    expect((await logged(server(), id)).map((record) => record.id).sort()).toEqual(ids.sort());
    for (const { decisionId, dataCategory } of results) {
      const event = await eventOf(idIn(decisionId?.valueUri));
      expect(detailsOf(event)['dataCategory']).toBe(dataCategory?.valueCoding?.code);
    }
  });

  it('has one record in a batch of 500, broken items included', async () => {
    const { id, headers } = namedRequest();
    const items = Array.from({ length: 500 }, (_, index) =>
      questionOf(index % 3 === 0 ? KARIM : freshBsn(), index % 10 === 0 ? { purpose: 'ETREAT' } : {}),
    );
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: batchOf(items), headers });
    const results = resultsOf(answer);
    const records = await logged(server(), id);
    expect([results.length, records.length]).toEqual([500, 500]);
    const byId = new Map(records.map((record) => [record.id, record]));
    expect(byId.size).toBe(500);
    const decided = results.filter(({ decisionId }) => decisionId !== undefined);
    expect(decided).toHaveLength(450);
    for (const { decisionId, decision, reason } of decided) {
      expect(byId.get(idIn(decisionId?.valueUri))?.detail.check).toMatchObject({
        decision: decision?.valueCode,
        reason: reason?.valueCoding?.code,
      });
    }
    expect(records.filter(({ outcome }) => outcome === '4')).toHaveLength(50);
    expect(records.filter(({ outcome, detail }) => outcome === '4' && detail.check?.decision !== undefined)).toEqual(
      [],
    );
  });

  it('that was refused is recorded with whom it was about and why', async () => {
    const { id, headers } = namedRequest();
    const body = question(KARIM, { holder: PHARMACY, requester: HOSPITAL });
    await server().fhir('/Consent/$check', { as: 'gp', body, headers });
    const [record] = await logged(server(), id);
    const event = await eventOf(record?.id ?? '');
    expect([event.outcome, event.outcomeDesc]).toEqual(['4', 'not-own-organization']);
    expect(detailsOf(event)).toEqual({ holder: PHARMACY, requester: HOSPITAL });
    expect(record?.about).not.toBeNull();
  });
});

describe('every access', () => {
  it('leaves a record, and the definitions none', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const { body: mine } = await server().fhir<Stored>('/Patient', { as, body: patient(bsn) });
    const calls: readonly (readonly [string, Call, number])[] = [
      [`/Patient/${mine.id}`, { as }, 200],
      [`/Patient/${mine.id}`, { as, headers: { 'If-None-Match': 'W/"1"' } }, 304],
      [`/Patient/${mine.id}`, {}, 401],
      [`/Patient/${mine.id}`, { as: 'gp' }, 403],
      [`/Patient/${mine.id}`, { as: `citizen:${NOOR}` }, 404],
      [`/Patient/${mine.id}/_history`, { as }, 200],
      [`/Patient/${mine.id}/_history/7`, { as }, 404],
      ['/Patient?birthdate=1900', { as }, 200],
      ['/Patient?colour=red', { as }, 400],
      ['/Consent', { as, body: consent(bsn) }, 201],
      ['/Consent', { as, body: { resourceType: 'Consent' } }, 422],
      ['/Consent', { as, body: '{' }, 400],
      ['/Consent', { as, body: consent(bsn), headers: { 'Content-Type': 'text/plain' } }, 415],
      ['/Consent/$choose', { as, body: choice(bsn, 'all') }, 200],
      ['/Consent/$choose', { as, body: choice(NOOR, 'all') }, 403],
      ['/Consent/$check', { as: 'gp', body: question(bsn) }, 200],
      ['/Consent/$check', { as: 'gp', body: question(bsn, { purpose: 'ETREAT' }) }, 422],
      ['/Consent/$check', { body: question(bsn) }, 401],
      ['/Consent/$unknown', { as: 'gp', body: question(bsn) }, 404],
      ['/Organization', { as: 'admin', body: organization(freshUra()) }, 201],
      ['/Organization', { as: 'gp', body: organization(freshUra()) }, 403],
      ['/Organization', { as: 'admin', headers: { Accept: 'application/fhir+xml' } }, 406],
      ['/Organization/x/y/z', { as: 'admin' }, 404],
      ['/AuditEvent', { as: 'admin' }, 403],
      ['/AuditEvent/x', { as: 'auditor', method: 'DELETE' }, 405],
      ['/AuditEvent?_count=1', { as: 'auditor' }, 200],
      ['/AuditEvent/_search', { as: 'auditor', method: 'POST', headers: FORM, body: '_count=1' }, 200],
      ['/', { as, body: bundle('batch', []) }, 200],
    ];
    for (const [path, call, status] of calls) {
      const { id, headers } = namedRequest();
      const answer = await server().fhir(path, { ...call, headers: { ...call.headers, ...headers } });
      const records = await logged(server(), id);
      expect([path, answer.status, records.length]).toEqual([path, status, 1]);
      expect(records[0]?.outcome).toBe(status < 400 ? '0' : '4');
      const who = call.as === undefined ? undefined : call.as.startsWith('citizen') ? 'citizen' : call.as;
      if (![400, 401, 406].includes(status))
        expect([records[0]?.client ?? records[0]?.detail.role, path]).toEqual([who, path]);
    }
    const before = (await logged(server())).length;
    for (const path of ['/metadata', '/StructureDefinition/akkoord-consent', '/ValueSet', '/CodeSystem?url=x']) {
      expect((await server().fhir(path)).status).toBe(200);
    }
    expect(await logged(server())).toHaveLength(before);
  });

  it('to the log itself is in the log', async () => {
    const first = await server().fhir<Bundle>('/AuditEvent?_count=3&_sort=-date', { as: 'auditor' });
    const ids = entriesOf(first).map(({ id }) => `AuditEvent/${id ?? ''}`);
    const { id, headers } = namedRequest();
    await server().fhir('/AuditEvent?_count=1', { as: 'auditor', headers });
    const again = await server().fhir<Bundle>('/AuditEvent?type=rest&_count=5', { as: 'auditor' });
    const [record] = await logged(server(), id);
    expect(record).toMatchObject({ interaction: 'AuditEvent.search', client: 'auditor' });
    expect(entriesOf(again).map((event) => event.id)).toContain(record?.id);
    expect(ids).toHaveLength(3);
  });

  it('that found several things says which', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all') });
    const { id, headers } = namedRequest();
    const query = 'Consent?status=active&_include=Consent:patient';
    const answer = await server().fhir(`/${query}`, { as, headers });
    const [record] = await logged(server(), id);
    const shown = entriesOf(answer).map(
      (one) => `${one.resourceType}/${one.id ?? ''}/_history/${one.meta?.versionId ?? ''}`,
    );
    expect([...(record?.detail.entities ?? [])].sort()).toEqual(shown.sort());
  });
});

describe('the events that are served', () => {
  /** All pages of a search of the log. */
  async function everyEvent(as: string, path: string): Promise<AuditEvent[]> {
    const events: AuditEvent[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const answer = await server().fhir<Bundle>(next, { as });
      expect(answer.status).toBe(200);
      events.push(...entriesOf<AuditEvent>(answer));
      next = nextOf(answer);
    }
    return events;
  }

  it('are valid against our own profiles', async () => {
    await server().fhir('/', { as: 'admin', body: bundle('transaction', [get(`Organization?identifier=${GP}`)]) });
    const events = await everyEvent('auditor', '/AuditEvent?_count=200');
    expect(events.length).toBeGreaterThan(500);
    const { conformance } = server().server.register;
    const wrong = events.flatMap((event) =>
      validate(conformance, 'AuditEvent', event).map((issue) => ({ issue, event })),
    );
    expect(wrong.slice(0, 1)).toEqual([]);
    const subtypes = new Set(events.map(({ subtype }) => subtype?.[0]?.code));
    expect([...subtypes]).toEqual(
      expect.arrayContaining(['decision', 'create', 'read', 'search-type', 'batch', 'transaction', 'choose']),
    );
  });

  it.each([
    ['outcome=4', ({ outcome }: AuditEvent) => outcome === '4'],
    ['outcome:not=0', ({ outcome }: AuditEvent) => outcome !== '0'],
    ['subtype=decision', ({ subtype }: AuditEvent) => subtype?.[0]?.code === 'decision'],
    ['subtype=create', ({ subtype }: AuditEvent) => subtype?.[0]?.code === 'create'],
    ['action=C', ({ action }: AuditEvent) => action === 'C'],
    ['action=E&outcome=4', ({ action, outcome }: AuditEvent) => action === 'E' && outcome === '4'],
    ['type=rest', ({ type }: AuditEvent) => type.code === 'rest'],
    ['date=gt2020-01-01&subtype=read', ({ subtype }: AuditEvent) => subtype?.[0]?.code === 'read'],
    ['date=lt2020-01-01', () => false],
  ])('are found by %s, all of them and no other', async (query, fits) => {
    const all = await everyEvent('auditor', '/AuditEvent?_count=1000&date=le2999');
    const found = await everyEvent('auditor', `/AuditEvent?_count=1000&${query}`);
    expect(found.every(fits)).toBe(true);
    const known = new Set(found.map(({ id }) => id));
    expect(all.filter(fits).every(({ id }) => known.has(id))).toBe(true);
  });

  it('are to a citizen only those about themselves', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    await server().fhir('/Patient', { as, body: patient(bsn) });
    await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
    await server().fhir('/Consent/$check', { as: 'gp', body: question(NOOR) });
    const own = await everyEvent(as, '/AuditEvent?_count=2');
    const subtypes = own.map(({ subtype }) => subtype?.[0]?.code);
    expect(subtypes).toEqual(expect.arrayContaining(['create', 'decision']));
    const patients = own.flatMap(({ entity = [] }) => entity.flatMap(({ what }) => what?.reference ?? []));
    const [mine] = entriesOf(await server().fhir('/Patient?birthdate=1980', { as }));
    expect(new Set(patients.filter((one) => /^Patient\/[^/]+$/.test(one)))).toEqual(
      new Set([`Patient/${mine?.id ?? ''}`]),
    );
    const [theirs] = (await logged(server())).filter(({ about }) => about !== null);
    expect(verdict(await server().fhir(`/AuditEvent/${theirs?.id ?? ''}`, { as }))).toBe('404 not-found');
  });
});
