import type { Bundle } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { codesOf, verdict } from './answers.ts';
import { KINDS, record, type Stored } from './kinds.ts';
import { freshBsn } from './people.ts';

const server = useTestServer();
const UNKNOWN = 'no-such-id';

describe.each(KINDS)('the life of $type', (kind) => {
  const { type, change, patch } = kind;
  const patchType = { 'Content-Type': 'application/json-patch+json' };

  it('begins with a 201 that says where it is and which version it is', async () => {
    const { as, body } = kind.fresh();
    const answer = await server().fhir<Stored>(`/${type}`, { as, body });
    expect(answer.status).toBe(201);
    const { id, meta } = answer.body;
    expect(answer.headers.get('location')).toBe(`${server().baseUrl}/fhir/${type}/${id}/_history/1`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    const seconds = Math.floor(Date.parse(meta?.lastUpdated ?? '') / 1000) * 1000;
    expect(Date.parse(answer.headers.get('last-modified') ?? '')).toBe(seconds);
    expect(answer.body).toMatchObject({ resourceType: type, meta: { versionId: '1' } });
  });

  it('can be read back as it was recorded', async () => {
    const { as, path, resource } = await record(server(), kind);
    const answer = await server().fhir(path, { as });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.body).toEqual(resource);
  });

  it('goes on with a second version, while the first stays to be read', async () => {
    const { as, path, id, body, resource } = await record(server(), kind);
    const headers = { 'If-Match': 'W/"1"' };
    const second = await server().fhir(path, { method: 'PUT', as, headers, body: { ...body, id, ...change } });
    expect(second.status).toBe(200);
    expect(second.headers.get('etag')).toBe('W/"2"');
    expect(second.body).toMatchObject({ id, meta: { versionId: '2' }, ...change });
    expect((await server().fhir(path, { as })).body).toEqual(second.body);
    expect((await server().fhir(`${path}/_history/2`, { as })).body).toEqual(second.body);
    expect((await server().fhir(`${path}/_history/1`, { as })).body).toEqual(resource);
  });

  it('can be patched', async () => {
    const { as, path } = await record(server(), kind);
    const headers = { 'If-Match': 'W/"1"', ...patchType };
    const answer = await server().fhir(path, { method: 'PATCH', as, headers, body: patch });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ meta: { versionId: '2' }, ...change });
  });

  it.each([
    ['of another type', 'application/fhir+json', [], '415 media-type-unsupported'],
    ['that is no list', 'application/json-patch+json', {}, '400 patch-malformed'],
    ['to the id', 'application/json-patch+json', [{ op: 'replace', path: '/id', value: 'x' }], '422 patch-forbidden'],
    ['that leads nowhere', 'application/json-patch+json', [{ op: 'remove', path: '/photo/0' }], '409 patch-path'],
    [
      'with a test that fails',
      'application/json-patch+json',
      [{ op: 'test', path: '/meta/versionId', value: '7' }],
      '409 patch-test-failed',
    ],
    [
      'to something that is not valid',
      'application/json-patch+json',
      [{ op: 'add', path: '/photo', value: 1 }],
      /^422 element-/,
    ],
  ])('refuses a patch %s', async (_, contentType, body, expected) => {
    const { as, path, resource } = await record(server(), kind);
    const headers = { 'If-Match': 'W/"1"', 'Content-Type': contentType };
    const answer = await server().fhir(path, { method: 'PATCH', as, headers, body });
    expect(verdict(answer)).toMatch(expected);
    expect((await server().fhir(path, { as })).body).toEqual(resource);
  });

  it('ends with a deletion that leaves its past', async () => {
    const { as, path, id, resource } = await record(server(), kind);
    const gone = await server().fhir(path, { method: 'DELETE', as, headers: { 'If-Match': 'W/"1"' } });
    expect(gone.status).toBe(204);
    expect(gone.body).toBeUndefined();
    expect(verdict(await server().fhir(path, { as }))).toBe('410 deleted');
    expect(verdict(await server().fhir(`${path}/_history/2`, { as }))).toBe('410 deleted');
    expect((await server().fhir(`${path}/_history/1`, { as })).body).toEqual(resource);
    const history = await server().fhir<Bundle>(`${path}/_history`, { as });
    expect(history.body.total).toBe(2);
    expect(
      history.body.entry?.map(({ request, resource: shown }) => [request?.method, request?.url, shown?.id]),
    ).toEqual([
      ['DELETE', `${type}/${id}`, undefined],
      ['POST', type, id],
    ]);
  });

  it('cannot be changed after its deletion, only deleted again without effect', async () => {
    const { as, path, id, body } = await record(server(), kind);
    await server().fhir(path, { method: 'DELETE', as, headers: { 'If-Match': 'W/"1"' } });
    const headers = { 'If-Match': 'W/"2"' };
    expect(verdict(await server().fhir(path, { method: 'PUT', as, headers, body: { ...body, id } }))).toBe(
      '410 deleted',
    );
    const patched = { method: 'PATCH', as, headers: { ...headers, ...patchType }, body: patch };
    expect(verdict(await server().fhir(path, patched))).toBe('410 deleted');
    expect((await server().fhir(path, { method: 'DELETE', as, headers })).status).toBe(204);
    expect((await server().fhir<Bundle>(`${path}/_history`, { as })).body.total).toBe(2);
  });

  it.each([
    ['GET', `/${UNKNOWN}`],
    ['GET', `/${UNKNOWN}/_history`],
    ['GET', `/${UNKNOWN}/_history/1`],
    ['PUT', `/${UNKNOWN}`],
    ['PATCH', `/${UNKNOWN}`],
    ['DELETE', `/${UNKNOWN}`],
  ])('is not found under an unknown id: %s %s', async (method, path) => {
    const { as, body } = kind.fresh();
    const sent = method === 'PUT' ? { body } : method === 'PATCH' ? { body: patch } : {};
    const headers = { 'If-Match': 'W/"1"', ...(method === 'PATCH' ? patchType : {}) };
    const answer = await server().fhir(`/${type}${path}`, { method, as, headers, ...sent });
    expect(verdict(answer)).toBe('404 not-found');
  });

  it('has no version that was never recorded', async () => {
    const { as, path } = await record(server(), kind);
    for (const version of ['2', '0', 'x', '01', '99999999999']) {
      expect((await server().fhir(`${path}/_history/${version}`, { as })).status).toBe(404);
    }
  });

  it('keeps its id', async () => {
    const { as, path, body } = await record(server(), kind);
    const headers = { 'If-Match': 'W/"1"' };
    const answer = await server().fhir(path, { method: 'PUT', as, headers, body: { ...body, id: 'another' } });
    expect(verdict(answer)).toBe('400 id-mismatch');
  });

  it('gives a new one an id of its own', async () => {
    const { as, body } = kind.fresh();
    const answer = await server().fhir<Stored>(`/${type}`, { as, body: { ...body, id: 'mine' } });
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe('mine');
  });

  it.each(['POST', 'PUT'])('takes no other type at its address: %s', async (method) => {
    const { as, path } = await record(server(), kind);
    const answer = await server().fhir(method === 'POST' ? `/${type}` : path, {
      method,
      as,
      headers: { 'If-Match': 'W/"1"' },
      body: { resourceType: 'Basic', code: { text: 'x' } },
    });
    expect(answer.status).toBe(400);
    expect(codesOf(answer)).toHaveLength(1);
  });
});

describe('a Patient', () => {
  const patientKind = KINDS.filter(({ type }) => type === 'Patient');

  it.each(patientKind)('is recorded once for a citizen', async (kind) => {
    const { as, body } = await record(server(), kind);
    expect((await server().fhir('/Patient', { as, body })).status).toBe(409);
  });

  it.each(patientKind)('keeps its BSN and its birth date', async (kind) => {
    const { as, path, id, body } = await record(server(), kind);
    const other = { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: freshBsn() };
    for (const [change, code] of [
      [{ identifier: [other] }, '422 bsn-changed'],
      [{ birthDate: '2001-01-01' }, '422 birth-date-fixed'],
      [{ birthDate: undefined }, '422 birth-date-fixed'],
    ] as const) {
      const answer = await server().fhir(path, { method: 'PUT', as, body: { ...body, id, ...change } });
      expect(verdict(answer)).toBe(code);
    }
  });

  it('stays as long as there are Consents of it', async () => {
    const as = 'citizen:900203638';
    const [found] = (await server().fhir<Bundle>('/Patient?active:not=false', { as })).body.entry ?? [];
    const answer = await server().fhir(`/Patient/${found?.resource?.id ?? ''}`, { method: 'DELETE', as });
    expect(verdict(answer)).toBe('409 patient-has-consents');
  });
});
