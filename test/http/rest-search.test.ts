import type { Bundle, Resource } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { actor, bsn, holderCategory, requesterCategory, ura } from '../profiles/sample-consents.ts';
import { entriesOf, idsOf } from './answers.ts';
import type { Stored } from './kinds.ts';
import { freshBsn, freshUra, GP, NOOR } from './people.ts';
import { BSN_SYSTEM, consent, organization, patient, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

const server = useTestServer();
const ANNA = freshBsn();
const ANNA_TOKEN = `citizen:${ANNA}`;
const MENTAL_URA = freshUra();
/** Ids by the name the tables below use. */
const ids: Record<string, string> = {};

const withAnswers = (holder: object, category: string, more: object = {}) =>
  consent(ANNA, {
    category: [{ coding: [{ system: 'http://fhir.nl/otv/CodeSystem/gegevenscategorie', code: category }] }],
    provision: {
      ...consent(ANNA).provision,
      actor: [actor('CST', holder)],
      provision: [{ type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC001'))] }],
    },
    ...more,
  });

async function put(name: string, as: string, body: { resourceType: string }): Promise<void> {
  const answer = await server().fhir<Stored>(`/${body.resourceType}`, { as, body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  ids[name] = answer.body.id;
}

async function withdraw(name: string): Promise<void> {
  const answer = await server().fhir(`/Consent/${ids[name] ?? ''}`, {
    method: 'PATCH',
    as: ANNA_TOKEN,
    headers: { 'If-Match': 'W/"1"', 'Content-Type': 'application/json-patch+json' },
    body: [{ op: 'replace', path: '/status', value: 'inactive' }],
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

beforeAll(async () => {
  await put('anna', ANNA_TOKEN, patient(ANNA, { active: true, name: [{ family: 'Ünsal', given: ['Anna', 'Maria'] }] }));
  await put('gp', ANNA_TOKEN, consent(ANNA, { dateTime: '2026-01-10T10:00:00Z' }));
  await put('pharmacy', ANNA_TOKEN, withAnswers(holderCategory('APO'), 'GGC013', { dateTime: '2026-02-10T10:00:00Z' }));
  await put('practice', ANNA_TOKEN, withAnswers(ura(GP), 'GGC002', { dateTime: '2026-03-10T10:00:00Z' }));
  await put('withdrawn', ANNA_TOKEN, withAnswers(holderCategory('ZKH'), 'GGC002'));
  await withdraw('withdrawn');
  const coding = [{ coding: [{ system: TYPE_SYSTEM, code: 'G5' }] }, { coding: [{ system: TYPE_SYSTEM, code: 'R5' }] }];
  await put('mental', 'admin', organization(MENTAL_URA, { name: 'Geestkracht Één', type: coding, active: false }));
});

const named = (answer: { body: unknown; status: number; headers: Headers }) =>
  idsOf(answer)
    .map((id) => Object.entries(ids).find(([, known]) => known === id)?.[0] ?? id)
    .sort();

describe('a search of Patient by the citizen', () => {
  it.each([
    ['_id=ANNA', ['anna']],
    ['_id=ANNA,other', ['anna']],
    ['_id=other', []],
    ['_lastUpdated=gt2020-01-01', ['anna']],
    ['_lastUpdated=lt2020-01-01', []],
    ['name=uns', ['anna']],
    ['name=maria', ['anna']],
    ['name:exact=Ünsal', ['anna']],
    ['name:exact=unsal', []],
    ['name:contains=nsa', ['anna']],
    ['family=Unsal', ['anna']],
    ['family=Maria', []],
    ['birthdate=1980-02-29', ['anna']],
    ['birthdate=1980', ['anna']],
    ['birthdate=ge1980-03-01', []],
    ['active=true', ['anna']],
    ['active=false', []],
    ['active:not=false', ['anna']],
    ['name=uns&birthdate=1980', ['anna']],
    ['name=uns&birthdate=1981', []],
    ['name=%25', []],
    ["name='%20or%201=1--", []],
  ])('with %s finds %j', async (query, expected) => {
    const answer = await server().fhir('/Patient/_search', {
      method: 'POST',
      as: ANNA_TOKEN,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: query.replace('ANNA', ids['anna'] ?? ''),
    });
    expect(answer.status).toBe(200);
    expect(named(answer)).toEqual(expected);
  });
});

describe('a search of Consent by the citizen', () => {
  const everything = ['gp', 'pharmacy', 'practice', 'withdrawn'];
  it.each([
    ['patient=ANNA', everything],
    ['patient=Patient/ANNA', everything],
    ['patient=Patient/other', []],
    ['status=active', ['gp', 'pharmacy', 'practice']],
    ['status=inactive', ['withdrawn']],
    ['status=active,inactive', everything],
    ['status:not=active', ['withdrawn']],
    ['category=GGC013', ['pharmacy']],
    ['category=http://fhir.nl/otv/CodeSystem/gegevenscategorie|GGC013', ['pharmacy']],
    ['category=http://example.org|GGC013', []],
    ['date=2026-01-10', ['gp']],
    ['date=ge2026-02-01&date=lt2026-03-01', ['pharmacy']],
    ['date=gt2026-03-10T10:00:00Z', []],
    ['date=ge2026-03-10T11:00:00%2B01:00&status=active', ['practice']],
    ['date=ge2026-03-10T11:00:00+01:00&status=active', ['practice']],
    ['origin=portal', everything],
    ['origin=migration', []],
    ['organization=Organization/x', []],
    ['_lastUpdated=ge2020', everything],
    ['_id=GP', ['gp']],
  ])('with %s finds %j', async (query, expected) => {
    const path = query.replace('ANNA', ids['anna'] ?? '').replace('GP', ids['gp'] ?? '');
    const answer = await server().fhir(`/Consent?${path}`, { as: ANNA_TOKEN });
    expect(answer.status).toBe(200);
    expect(named(answer)).toEqual(path.includes('_id=') ? ['gp'] : expected);
  });

  it('by who it is for finds what names that organisation literally', async () => {
    const [practice] = entriesOf(await server().fhir(`/Organization?identifier=${GP}`, { as: 'gp' }));
    const reference = { reference: `Organization/${practice?.id ?? ''}` };
    await put('literal', ANNA_TOKEN, withAnswers(reference, 'GGC002'));
    await withdraw('literal');
    const answer = await server().fhir(`/Consent?actor=Organization/${practice?.id ?? ''}`, { as: ANNA_TOKEN });
    expect(named(answer)).toEqual(['literal']);
  });
});

describe('a search of Organization by anyone', () => {
  it.each([
    [`identifier=${GP}`, 'Huisartsenpraktijk De Linde'],
    [`identifier=${URA_SYSTEM}|${GP}`, 'Huisartsenpraktijk De Linde'],
    [`identifier=http://example.org|${GP}`, undefined],
    ['name=geestkracht', 'Geestkracht Één'],
    ['name:contains=een&active=false', 'Geestkracht Één'],
    ['name:exact=Geestkracht Één', 'Geestkracht Één'],
    ['name:exact=geestkracht een', undefined],
    ['type=L1', 'Laboratorium De Proef'],
    [`type=${TYPE_SYSTEM}|R5`, 'Geestkracht Één'],
    ['active=false', 'Geestkracht Één'],
    ['active=false&type=L1', undefined],
  ])('with %s finds %s', async (query, expected) => {
    const answer = await server().fhir(`/Organization?${query}`, { as: 'pharmacy' });
    expect(answer.status).toBe(200);
    expect(entriesOf<Resource & { name: string }>(answer).map(({ name }) => name)).toEqual(
      expected === undefined ? [] : [expected],
    );
  });

  it('without a parameter finds all of them', async () => {
    const answer = await server().fhir<Bundle>('/Organization', { as: 'exchange' });
    expect(idsOf(answer)).toHaveLength(6);
  });
});

describe('POST _search', () => {
  const form = (type: string, as: string, fields: Record<string, string>, query = '') =>
    server().fhir<Bundle>(`/${type}/_search${query}`, {
      method: 'POST',
      as,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });

  it('finds what a GET finds', async () => {
    const posted = await form('Consent', ANNA_TOKEN, { status: 'active', category: 'GGC013' });
    const got = await server().fhir<Bundle>('/Consent?status=active&category=GGC013', { as: ANNA_TOKEN });
    expect(posted.body).toEqual(got.body);
    expect(named(posted)).toEqual(['pharmacy']);
  });

  it('takes what stands in its address along', async () => {
    expect(named(await form('Consent', ANNA_TOKEN, { status: 'active' }, '?category=GGC013'))).toEqual(['pharmacy']);
  });

  it.each([
    ['Patient', 'identifier', ANNA, 1],
    ['Patient', 'identifier', `${BSN_SYSTEM}|${ANNA}`, 1],
    ['Patient', 'identifier', `${BSN_SYSTEM}|${NOOR}`, 0],
    ['Consent', 'patient.identifier', ANNA, 5],
    ['Consent', 'patient.identifier', NOOR, 0],
    ['AuditEvent', 'patient.identifier', NOOR, 0],
  ])('of %s takes a BSN as %s', async (type, name, value, count) => {
    const answer = await form(type, ANNA_TOKEN, { [name]: value, _total: 'accurate' });
    expect(answer.status).toBe(200);
    expect(answer.body.total).toBe(count);
    expect(JSON.stringify(answer.body.link)).not.toContain(value.slice(-9));
  });
});

describe('what the answer holds', () => {
  const bundle = async (query: string, as = ANNA_TOKEN) => (await server().fhir<Bundle>(`/${query}`, { as })).body;

  it('is counted when asked', async () => {
    expect(await bundle('Consent?status=active&_count=1&_total=accurate')).toMatchObject({ total: 3 });
    expect(await bundle('Consent?status=active&_count=1&_total=none')).not.toHaveProperty('total');
    for (const counting of ['_summary=count', '_count=0']) {
      const counted = await bundle(`Consent?status=active&${counting}`);
      expect(counted).toMatchObject({ total: 3 });
      expect(counted).not.toHaveProperty('entry');
    }
  });

  it('is sorted when asked', async () => {
    const order = async (sort: string) => {
      const answer = await server().fhir(`/Consent?status=active&_sort=${sort}`, { as: ANNA_TOKEN });
      return idsOf(answer).map((id) => Object.keys(ids).find((name) => ids[name] === id));
    };
    expect(await order('date')).toEqual(['gp', 'pharmacy', 'practice']);
    expect(await order('-date')).toEqual(['practice', 'pharmacy', 'gp']);
    expect(await order('_lastUpdated')).toEqual(['gp', 'pharmacy', 'practice']);
  });

  it.each([
    ['_elements=name', ['id', 'identifier', 'meta', 'name', 'resourceType'], ['identifier']],
    ['_elements=birthDate', ['birthDate', 'id', 'meta', 'resourceType'], []],
    ['_summary=text', ['id', 'meta', 'resourceType'], []],
  ])('with %s is a part that says that it is one', async (query, expected, optional) => {
    const [only] = entriesOf(await server().fhir(`/Patient?birthdate=1980&${query}`, { as: ANNA_TOKEN }));
    const keys = Object.keys(only ?? {}).sort();
    expect(keys.filter((key) => !optional.includes(key))).toEqual(expected.filter((key) => !optional.includes(key)));
    expect(only?.meta?.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })]);
  });

  it('with _summary=false is whole', async () => {
    const [only] = entriesOf(await server().fhir('/Patient?birthdate=1980&_summary=false', { as: ANNA_TOKEN }));
    expect(only).toEqual((await server().fhir(`/Patient/${ids['anna'] ?? ''}`, { as: ANNA_TOKEN })).body);
  });

  it('names the BSN of the citizen to the citizen', async () => {
    const [only] = entriesOf(await server().fhir('/Patient?birthdate=1980', { as: ANNA_TOKEN }));
    expect(only).toMatchObject({ identifier: [{ system: BSN_SYSTEM, value: ANNA }] });
  });

  it('includes what the matches refer to, once', async () => {
    const answer = await bundle('Consent?status=active&_include=Consent:patient');
    const modes = (answer.entry ?? []).map(
      ({ resource, search }) => `${resource?.resourceType ?? ''} ${search?.mode ?? ''}`,
    );
    expect(modes).toEqual(['Consent match', 'Consent match', 'Consent match', 'Patient include']);
  });

  it('includes what refers to the matches', async () => {
    const answer = await bundle('Patient?birthdate=1980&_revinclude=Consent:patient');
    const modes = (answer.entry ?? []).map(
      ({ resource, search }) => `${resource?.resourceType ?? ''} ${search?.mode ?? ''}`,
    );
    expect(modes).toEqual(['Patient match', ...Array<string>(5).fill('Consent include')]);
  });

  it('includes nothing the caller could not read by itself', async () => {
    const as = `citizen:${NOOR}`;
    expect((await server().fhir('/Consent', { as, body: { ...consent(NOOR), performer: [bsn(NOOR)] } })).status).toBe(
      201,
    );
    const answer = await bundle('Consent?status=active&_include=Consent:patient', 'gp');
    const types = (answer.entry ?? []).map(({ resource }) => resource?.resourceType);
    expect(types).toContain('Consent');
    expect(types).not.toContain('Patient');
  });
});
