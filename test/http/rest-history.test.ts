import type { Bundle } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { nextOf, verdict } from './answers.ts';
import { KINDS, type Kind, record, type Recorded } from './kinds.ts';

const server = useTestServer();

/** Records one and changes it until it has this many versions. */
async function withVersions(kind: Kind, count: number): Promise<Recorded> {
  const recorded = await record(server(), kind);
  const { as, path, id, body } = recorded;
  for (let version = 1; version < count; version += 1) {
    const headers = { 'If-Match': `W/"${version}"` };
    const answer = await server().fhir(path, { method: 'PUT', as, headers, body: { ...body, id, ...kind.change } });
    if (answer.status !== 200) throw new Error('not changed');
  }
  return recorded;
}

const versionsOf = (bundle: Bundle) => (bundle.entry ?? []).map(({ response }) => response?.etag);

async function everyPage(path: string, as: string): Promise<Bundle[]> {
  const pages: Bundle[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer = await server().fhir<Bundle>(next, { as });
    expect(answer.status).toBe(200);
    pages.push(answer.body);
    next = nextOf(answer);
  }
  return pages;
}

describe.each(KINDS)('the history of $type', (kind) => {
  it('shows every version, newest first, with how it came about', async () => {
    const { as, path, id } = await withVersions(kind, 3);
    const { body } = await server().fhir<Bundle>(`${path}/_history`, { as });
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 3 });
    expect(versionsOf(body)).toEqual(['W/"3"', 'W/"2"', 'W/"1"']);
    expect(body.entry?.map(({ request, response }) => `${request?.method} ${response?.status}`)).toEqual([
      'PUT 200',
      'PUT 200',
      'POST 201',
    ]);
    expect(body.entry?.map(({ fullUrl }) => fullUrl)).toEqual(
      Array(3).fill(`${server().baseUrl}/fhir/${kind.type}/${id}`),
    );
    expect(body.entry?.map(({ resource }) => resource?.meta?.versionId)).toEqual(['3', '2', '1']);
  });

  it('comes in pages without a gap and without a double', async () => {
    const { as, path } = await withVersions(kind, 5);
    const pages = await everyPage(`${path}/_history?_count=2`, as);
    expect(pages.map(versionsOf)).toEqual([['W/"5"', 'W/"4"'], ['W/"3"', 'W/"2"'], ['W/"1"']]);
    expect(pages.map(({ total }) => total)).toEqual([5, 5, 5]);
  });

  it('can begin at a moment', async () => {
    const { as, path } = await withVersions(kind, 3);
    const { body } = await server().fhir<Bundle>(`${path}/_history`, { as });
    const since = body.entry?.[0]?.response?.lastModified ?? '';
    const from = await server().fhir<Bundle>(`${path}/_history?_since=${encodeURIComponent(since)}`, { as });
    expect(versionsOf(from.body)[0]).toBe('W/"3"');
    expect(from.body.total).toBeLessThanOrEqual(3);
    const later = await server().fhir<Bundle>(`${path}/_history?_since=2999-01-01T00:00:00Z`, { as });
    expect(later.body).toMatchObject({ total: 0 });
    expect(later.body.entry).toBeUndefined();
    const ever = await server().fhir<Bundle>(`${path}/_history?_since=2000-01-01T00:00:00Z`, { as });
    expect(ever.body.total).toBe(3);
  });

  it('exists for the type as a whole, as far as the caller may see', async () => {
    const { as, id } = await withVersions(kind, 2);
    const { id: another, as: recorder } = await record(server(), kind);
    const pages = await everyPage(`/${kind.type}/_history?_count=3`, as);
    const shown = pages.flatMap(({ entry }) => (entry ?? []).map(({ fullUrl }) => fullUrl?.split('/').at(-1)));
    expect(shown.filter((one) => one === id)).toHaveLength(2);
    expect(shown.filter((one) => one === another)).toHaveLength(recorder === as ? 1 : 0);
    expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([shown.length]));
  });

  it.each([
    ['_count=0', '400 search-value-malformed'],
    ['_count=-1', '400 search-value-malformed'],
    ['_count=x', '400 search-value-malformed'],
    ['_count=2&_count=3', '400 search-parameter-repeated'],
    ['_since=yesterday', '400 search-value-malformed'],
    ['_since=2026-02-30T00:00:00Z', '400 search-value-malformed'],
    ['_since=2026-01-01T00:00:00Z&_since=2026-01-01T00:00:00Z', '400 search-parameter-repeated'],
    ['_at=2026-01-01', '400 search-parameter-unknown'],
    ['_cursor=abc', '400 invalid-cursor'],
    ['_cursor=WzEsMl0', '400 invalid-cursor'],
  ])('does not take %s', async (query, expected) => {
    const { as, path } = await record(server(), kind);
    expect(verdict(await server().fhir(`${path}/_history?${query}`, { as }))).toBe(expected);
    expect(verdict(await server().fhir(`/${kind.type}/_history?${query}`, { as }))).toBe(expected);
  });
});
