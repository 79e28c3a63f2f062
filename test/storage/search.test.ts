import { CONSENT } from '../../src/storage/consent.ts';
import { ORGANIZATION } from '../../src/storage/organization.ts';
import { type Filter } from '../../src/storage/search-filter.ts';
import { type Scope } from '../../src/storage/search-scope.ts';
import { type RowSearch, countRows, searchRows } from '../../src/storage/search.ts';
import { insertSubscription, SUBSCRIPTION } from '../../src/storage/subscription.ts';
import { deleteResource } from '../../src/storage/versioned.ts';
import { useTestDatabase } from '../setup/test-database.ts';
import { giveConsent, giveOrganization, instant, keyOf } from './rows.ts';

const test = useTestDatabase();
const FROM = Date.UTC(2026, 0, 10);
const TO = Date.UTC(2026, 0, 11);
const HOUR = 3_600_000;

const day = (from: number, to: number) => ({ date: [{ from, to }] });

beforeAll(async () => {
  const sql = test().database;
  const organizations = [
    { id: 'a', ura: '00000659', search: { name: ['huisartsenpraktijk de brug'], type: ['Z3', 'sys|Z3'] } },
    { id: 'b', ura: '00000666', search: { name: ['100% zorg', 'post_noord'], type: ['N6'] } },
    { id: 'c', ura: '00014332', search: { name: ['apotheek \\ zuid'], type: ['J8', 'sys|J8'] } },
    { id: 'd', ura: '00005098', search: { name: ['1000 zorg'] } },
  ];
  for (const [index, row] of organizations.entries()) {
    await giveOrganization(sql, { ...row, types: [], recordedAt: instant(index) });
  }
  await giveOrganization(sql, { id: 'gone', ura: '90000382', search: { type: ['Z3'] } });
  await deleteResource(sql, ORGANIZATION, { id: 'gone', recordedAt: instant(1) });
  const consents = [
    { id: 'within', search: { ...day(FROM + HOUR, FROM + 2 * HOUR), holder: ['c:HA'] }, patientKey: keyOf('p1') },
    { id: 'same', search: { ...day(FROM, TO), holder: ['o:00000659'] }, patientKey: keyOf('p1') },
    { id: 'around', search: { ...day(FROM - HOUR, TO + HOUR), holder: ['c:APO'] }, patientKey: keyOf('p2') },
    { id: 'before', search: { ...day(FROM - HOUR, FROM), holder: ['c:HA'] }, patientKey: keyOf('p2') },
    { id: 'after', search: { ...day(TO, TO + HOUR), holder: ['c:HA'] }, patientKey: keyOf('p3') },
    { id: 'undated', search: { holder: ['c:HA'] }, patientKey: keyOf('p3') },
  ];
  for (const row of consents) await giveConsent(sql, row);
  for (const [id, patientKey] of [
    ['kept', keyOf('p1')],
    ['ended', keyOf('p2')],
  ] as const) {
    const version = { id, recordedAt: instant(1), content: {}, search: {} };
    await insertSubscription(sql, { ...version, patientKey, vault: keyOf('gp'), registration: keyOf(id) });
  }
  await deleteResource(sql, SUBSCRIPTION, { id: 'ended', recordedAt: instant(2) });
});

async function organizationIds(...filters: Filter[]): Promise<string[]> {
  const { rows } = await searchRows(test().database, ORGANIZATION, { filters, scope: 'all', count: 100 });
  return rows.map(({ id }) => id);
}

async function consentIds(search: Partial<RowSearch>): Promise<string[]> {
  const { rows } = await searchRows(test().database, CONSENT, { filters: [], scope: 'all', count: 100, ...search });
  return rows.map(({ id }) => id);
}

describe('a search for organisations', () => {
  const cases: { why: string; filters: Filter[]; found: string[] }[] = [
    { why: 'without filters', filters: [], found: ['a', 'b', 'c', 'd'] },
    { why: 'by id', filters: [{ kind: 'id', values: ['b', 'd', 'gone'] }], found: ['b', 'd'] },
    { why: 'by token', filters: [{ kind: 'token', param: 'type', values: ['Z3'] }], found: ['a'] },
    {
      why: 'by one of two tokens',
      filters: [{ kind: 'token', param: 'type', values: ['Z3', 'sys|J8'] }],
      found: ['a', 'c'],
    },
    { why: 'by no token', filters: [{ kind: 'token', param: 'type', values: [] }], found: [] },
    {
      why: 'by another than a token',
      filters: [{ kind: 'token', param: 'type', values: ['Z3'], not: true }],
      found: ['b', 'c', 'd'],
    },
    {
      why: 'by start',
      filters: [{ kind: 'string', param: 'name', match: 'starts', values: ['huis', 'apo'] }],
      found: ['a', 'c'],
    },
    {
      why: 'by a start that is only inside',
      filters: [{ kind: 'string', param: 'name', match: 'starts', values: ['brug'] }],
      found: [],
    },
    { why: 'by part', filters: [{ kind: 'string', param: 'name', match: 'contains', values: ['brug'] }], found: ['a'] },
    {
      why: 'by whole text',
      filters: [{ kind: 'string', param: 'name', match: 'exact', values: ['post_noord'] }],
      found: ['b'],
    },
    {
      why: 'by less than the whole text',
      filters: [{ kind: 'string', param: 'name', match: 'exact', values: ['post'] }],
      found: [],
    },
    {
      why: 'by a literal %',
      filters: [{ kind: 'string', param: 'name', match: 'starts', values: ['100%'] }],
      found: ['b'],
    },
    {
      why: 'by a literal _',
      filters: [{ kind: 'string', param: 'name', match: 'contains', values: ['t_n'] }],
      found: ['b'],
    },
    {
      why: 'by a _ that stands for nothing',
      filters: [{ kind: 'string', param: 'name', match: 'contains', values: ['_ug'] }],
      found: [],
    },
    {
      why: 'by a literal backslash',
      filters: [{ kind: 'string', param: 'name', match: 'contains', values: ['\\'] }],
      found: ['c'],
    },
    {
      why: 'by a quote',
      filters: [{ kind: 'string', param: `na'me`, match: 'contains', values: [`' or true --`] }],
      found: [],
    },
    {
      why: 'by two filters',
      filters: [
        { kind: 'token', param: 'type', values: ['Z3', 'N6'] },
        { kind: 'string', param: 'name', match: 'contains', values: ['zorg'] },
      ],
      found: ['b'],
    },
    {
      why: 'by when it was recorded',
      filters: [{ kind: 'lastUpdated', prefix: 'ge', from: instant(2), to: instant(2) + 1 }],
      found: ['c', 'd'],
    },
    { why: 'before all time', filters: [{ kind: 'lastUpdated', prefix: 'lt', from: -1e16, to: -1e15 }], found: [] },
  ];

  it.each(cases)('$why finds $found', async ({ filters, found }) => {
    expect(await organizationIds(...filters)).toEqual(found);
    expect(await countRows(test().database, ORGANIZATION, { filters, scope: 'all' })).toBe(found.length);
  });
});

describe('a date', () => {
  it.each([
    { prefix: 'eq', found: ['same', 'within'] },
    { prefix: 'ne', found: ['after', 'around', 'before'] },
    { prefix: 'gt', found: ['after', 'around'] },
    { prefix: 'lt', found: ['around', 'before'] },
    { prefix: 'ge', found: ['after', 'around', 'same', 'within'] },
    { prefix: 'le', found: ['around', 'before', 'same', 'within'] },
    { prefix: 'sa', found: ['after'] },
    { prefix: 'eb', found: ['before'] },
    { prefix: 'ap', found: ['around', 'same', 'within'] },
  ] as const)('$prefix finds $found', async ({ prefix, found }) => {
    expect(await consentIds({ filters: [{ kind: 'date', param: 'date', prefix, from: FROM, to: TO }] })).toEqual(found);
  });

  it.each([
    { prefix: 'eq', found: ['b'] },
    { prefix: 'ne', found: ['a', 'c', 'd'] },
    { prefix: 'gt', found: ['c', 'd'] },
    { prefix: 'lt', found: ['a'] },
    { prefix: 'ge', found: ['b', 'c', 'd'] },
    { prefix: 'le', found: ['a', 'b'] },
    { prefix: 'sa', found: ['c', 'd'] },
    { prefix: 'eb', found: ['a'] },
    { prefix: 'ap', found: ['b'] },
  ] as const)('$prefix finds $found by when it was recorded', async ({ prefix, found }) => {
    const period = { from: instant(1), to: instant(2) };
    expect(await organizationIds({ kind: 'lastUpdated', prefix, ...period })).toEqual(found);
  });
});

describe('a scope', () => {
  const tokens = { param: 'holder', values: ['c:HA', 'o:00000659'] };
  const cases: { scope: Scope; found: string[] }[] = [
    { scope: { patientKeys: [keyOf('p2')] }, found: ['around', 'before'] },
    { scope: { patientKeys: [] }, found: [] },
    { scope: { ids: ['same', 'unknown'] }, found: ['same'] },
    { scope: { tokens }, found: ['after', 'before', 'same', 'undated', 'within'] },
    { scope: { subscribedBy: keyOf('gp') }, found: ['same', 'within'] },
    { scope: { subscribedBy: keyOf('pharmacy') }, found: [] },
    { scope: { subscribedBy: keyOf('gp'), tokens: { param: 'holder', values: ['c:HA'] } }, found: ['within'] },
  ];

  it.each(cases)('%# shows $found', async ({ scope, found }) => {
    expect(await consentIds({ scope })).toEqual(found);
  });

  it('that restricts nothing is refused', async () => {
    await expect(consentIds({ scope: {} })).rejects.toThrow('scope');
  });

  it('is not widened by a filter', async () => {
    const filters: Filter[] = [{ kind: 'patientKey', values: [keyOf('p1'), keyOf('p3')] }];
    expect(await consentIds({ filters, scope: { patientKeys: [keyOf('p3')] } })).toEqual(['after', 'undated']);
  });
});

describe('pages', () => {
  const orders = [
    { sort: [], ids: ['after', 'around', 'before', 'same', 'undated', 'within'] },
    { sort: [{ key: '_id', descending: true }], ids: ['within', 'undated', 'same', 'before', 'around', 'after'] },
    { sort: [{ key: 'date', descending: false }], ids: ['around', 'before', 'same', 'within', 'after', 'undated'] },
    { sort: [{ key: 'date', descending: true }], ids: ['around', 'after', 'same', 'within', 'before', 'undated'] },
    {
      sort: [
        { key: '_lastUpdated', descending: true },
        { key: 'date', descending: false },
        { key: '_id', descending: true },
      ],
      ids: ['before', 'around', 'same', 'within', 'after', 'undated'],
    },
  ];

  it.each(orders)('follow each other in the order $sort', async ({ sort, ids }) => {
    const seen: string[] = [];
    let page = await searchRows(test().database, CONSENT, { filters: [], scope: 'all', sort, count: 1 });
    for (;;) {
      seen.push(...page.rows.map(({ id }) => id));
      if (page.next === undefined) break;
      const cursor = JSON.parse(JSON.stringify(page.next)) as (string | number)[];
      page = await searchRows(test().database, CONSENT, { filters: [], scope: 'all', sort, count: 1, cursor });
    }
    expect(seen).toEqual(ids);
  });

  it.each([[[]], [[1]], [['a', 'b']], [['\0']]])('refuse %j as a cursor', async (cursor) => {
    await expect(consentIds({ cursor })).rejects.toMatchObject({ kind: 'malformed' });
  });
});
