import { useTestServer } from '../setup/test-server.ts';
import { idsOf, verdict } from './answers.ts';
import { type Kind, KINDS, record, type Stored } from './kinds.ts';
import { freshBsn, freshUra } from './people.ts';
import { organization, patient, URA_SYSTEM } from './resources.ts';

const server = useTestServer();
const PATCH_TYPE = { 'Content-Type': 'application/json-patch+json' };

/** What goes along with a change by this method. */
function sentBy(kind: Kind, method: string, body: object): { readonly body?: object } {
  if (method === 'PUT') return { body: { ...body, ...kind.change } };
  return method === 'PATCH' ? { body: kind.patch } : {};
}

describe.each(KINDS)('a change of $type', (kind) => {
  const ways = ['PUT', 'PATCH', 'DELETE'];

  it.each(ways)('by %s is refused when somebody else was first', async (method) => {
    const { as, path, id, body } = await record(server(), kind);
    const firstHeaders = { 'If-Match': 'W/"1"' };
    await server().fhir(path, { method: 'PUT', as, headers: firstHeaders, body: { ...body, id, ...kind.change } });
    const headers = { 'If-Match': 'W/"1"', ...(method === 'PATCH' ? PATCH_TYPE : {}) };
    const sent = sentBy(kind, method, { ...body, id });
    const stale = await server().fhir(path, { method, as, headers, ...sent });
    expect(verdict(stale)).toBe('412 version-stale');
    const fresh = await server().fhir(path, { method, as, headers: { ...headers, 'If-Match': 'W/"2"' }, ...sent });
    expect([200, 204]).toContain(fresh.status);
  });

  it.each(ways)(`by %s ${kind.needsVersion ? 'needs' : 'does not need'} the version it is of`, async (method) => {
    const { as, path, id, body, resource } = await record(server(), kind);
    const headers = method === 'PATCH' ? PATCH_TYPE : {};
    const sent = sentBy(kind, method, { ...body, id });
    const answer = await server().fhir(path, { method, as, headers, ...sent });
    if (kind.needsVersion) {
      expect(verdict(answer)).toBe('428 if-match-required');
      expect((await server().fhir(path, { as })).body).toEqual(resource);
    } else expect([200, 204]).toContain(answer.status);
  });

  it.each(['1', 'W/1', '*', 'W/"x"', 'W/"0"', 'W/"1", W/"2"', '"', 'W/"99999999999"'])(
    'is refused when If-Match is %s',
    async (ifMatch) => {
      const { as, path, resource } = await record(server(), kind);
      const answer = await server().fhir(path, { method: 'DELETE', as, headers: { 'If-Match': ifMatch } });
      expect(verdict(answer)).toBe('400 if-match-malformed');
      expect((await server().fhir(path, { as })).body).toEqual(resource);
    },
  );
});

describe.each(KINDS)('reading $type that one has already', (kind) => {
  it.each([
    [{ 'If-None-Match': 'W/"1"' }, 304],
    [{ 'If-None-Match': '"1"' }, 304],
    [{ 'If-None-Match': 'W/"7", W/"1"' }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': 'W/"2"' }, 200],
    [{ 'If-Modified-Since': 'Fri, 31 Dec 2999 23:59:59 GMT' }, 304],
    [{ 'If-Modified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' }, 200],
    [{ 'If-Modified-Since': 'yesterday' }, 200],
    [{ 'If-None-Match': 'W/"2"', 'If-Modified-Since': 'Fri, 31 Dec 2999 23:59:59 GMT' }, 200],
  ])('with %j is answered with %i', async (headers, status) => {
    const { as, path, resource } = await record(server(), kind);
    const answer = await server().fhir(path, { as, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.body).toEqual(status === 304 ? undefined : resource);
  });
});

describe.each(KINDS)('the answer to a new $type', (kind) => {
  it.each([
    ['return=minimal', undefined],
    ['return=representation', { resourceType: kind.type }],
    ['return=OperationOutcome', { resourceType: 'OperationOutcome' }],
    ['respond-async', { resourceType: kind.type }],
    ['handling=strict, return=minimal', undefined],
  ])('holds what Prefer: %s asks for', async (prefer, expected) => {
    const { as, body } = kind.fresh();
    const answer = await server().fhir(`/${kind.type}`, { as, body, headers: { Prefer: prefer } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toContain(`/fhir/${kind.type}/`);
    if (expected === undefined) expect(answer.body).toBeUndefined();
    else expect(answer.body).toMatchObject(expected);
  });
});

describe('a conditional create', () => {
  it('records what is not there, and gives what is', async () => {
    const ura = freshUra();
    const headers = { 'If-None-Exist': `identifier=${URA_SYSTEM}|${ura}` };
    const first = await server().fhir<Stored>('/Organization', { as: 'admin', headers, body: organization(ura) });
    expect(first.status).toBe(201);
    const second = await server().fhir<Stored>('/Organization', { as: 'admin', headers, body: organization(ura) });
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('takes the condition with its type in front as well', async () => {
    const ura = freshUra();
    const headers = { 'If-None-Exist': `Organization?identifier=${ura}` };
    for (const status of [201, 200]) {
      const answer = await server().fhir('/Organization', { as: 'admin', headers, body: organization(ura) });
      expect(answer.status).toBe(status);
    }
  });

  it.each([
    ['several', 'type=Z3', '412 several-match'],
    ['everything', '', '400 condition-missing'],
    ['nothing that is known', 'colour=red', '400 search-parameter-unknown'],
    ['a page instead of a resource', '_count=1', '400 condition-missing'],
    ['a page of resources', 'type=Z3&_count=1', '400 condition-page-parameter'],
    ['a sorted list', 'type=Z3&_sort=_lastUpdated', '400 condition-page-parameter'],
    ['a summary', 'type=Z3&_summary=count', '400 condition-page-parameter'],
    ['what comes after a page', 'type=Z3&_cursor=WzFd', '400 condition-page-parameter'],
    ['another type', 'Patient?active=true', '400 condition-other-type'],
  ])('on a condition that matches %s is refused', async (_, condition, expected) => {
    for (const body of [organization(freshUra()), organization(freshUra())]) {
      await server().fhir('/Organization', { as: 'admin', body });
    }
    const headers = { 'If-None-Exist': condition };
    const answer = await server().fhir('/Organization', { as: 'admin', headers, body: organization(freshUra()) });
    expect(verdict(answer)).toBe(expected);
  });

  it('never takes a BSN in its condition', async () => {
    const bsn = freshBsn();
    const headers = { 'If-None-Exist': `identifier=${bsn}` };
    const answer = await server().fhir('/Patient', { as: `citizen:${bsn}`, headers, body: patient(bsn) });
    expect(verdict(answer)).toBe('400 bsn-in-url');
    expect(JSON.stringify(answer.body)).not.toContain(bsn);
  });
});

/** Three organisations that share a name nobody else has, and one that has another. */
async function namesakes(): Promise<{ common: string; single: string; id: string; ura: string }> {
  const common = `Drieling ${freshUra()}`;
  for (let count = 0; count < 3; count += 1) {
    await server().fhir('/Organization', { as: 'admin', body: organization(freshUra(), { name: common }) });
  }
  const ura = freshUra();
  const single = `Enig ${ura}`;
  const answer = await server().fhir<Stored>('/Organization', {
    as: 'admin',
    body: organization(ura, { name: single }),
  });
  return { common, single, id: answer.body.id, ura };
}

describe('a conditional change', () => {
  const ways = [
    ['PUT', '201', '412 several-match'],
    ['PATCH', '404 not-found', '412 several-match'],
    ['DELETE', '204', '412 several-match'],
  ] as const;
  const renamed = (method: string, ura: string, name: string) => {
    if (method === 'PUT') return { body: organization(ura, { name }) };
    return method === 'PATCH' ? { body: [{ op: 'replace', path: '/name', value: name }], headers: PATCH_TYPE } : {};
  };
  const at = (name: string) => `/Organization?name:exact=${encodeURIComponent(name)}`;

  it.each(ways)('by %s that matches nothing is answered with %s', async (method, expected) => {
    const answer = await server().fhir(at(`Niemand ${freshUra()}`), {
      method,
      as: 'admin',
      ...renamed(method, freshUra(), 'Nieuw'),
    });
    expect(verdict(answer)).toBe(expected);
  });

  it.each(ways)('by %s that matches one changes that one', async (method) => {
    const { single, id, ura } = await namesakes();
    const answer = await server().fhir(at(single), { method, as: 'admin', ...renamed(method, ura, `Nieuw ${ura}`) });
    expect([200, 204]).toContain(answer.status);
    const after = await server().fhir(`/Organization/${id}`, { as: 'admin' });
    if (method === 'DELETE') expect(after.status).toBe(410);
    else expect(after.body).toMatchObject({ id, name: `Nieuw ${ura}`, meta: { versionId: '2' } });
  });

  it.each(ways)('by %s that matches three changes none', async (method, _, expected) => {
    const { common } = await namesakes();
    const answer = await server().fhir(at(common), { method, as: 'admin', ...renamed(method, freshUra(), 'Nieuw') });
    expect(verdict(answer)).toBe(expected);
    const found = await server().fhir(at(common), { as: 'admin' });
    expect(idsOf(found)).toHaveLength(3);
  });

  it.each(ways)('by %s without a condition is refused', async (method) => {
    const answer = await server().fhir('/Organization', {
      method,
      as: 'admin',
      ...renamed(method, freshUra(), 'Nieuw'),
    });
    expect(verdict(answer)).toBe('400 condition-missing');
  });

  it.each(ways)('by %s does not take a page for a condition', async (method) => {
    const { single, id, ura } = await namesakes();
    for (const more of ['_count=0', '_summary=count', '_elements=name', '_total=accurate', '_count=1']) {
      const call = { method, as: 'admin', ...renamed(method, ura, 'Nieuw') };
      expect(verdict(await server().fhir(`${at(single)}&${more}`, call))).toBe('400 condition-page-parameter');
    }
    expect((await server().fhir(`/Organization/${id}`, { as: 'admin' })).body).toMatchObject({ name: single });
    const formatted = { method, as: 'admin', ...renamed(method, ura, single) };
    expect([200, 204]).toContain((await server().fhir(`${at(single)}&_format=json`, formatted)).status);
  });

  it.each(ways)('by %s still needs the version of a Consent', async (method) => {
    const [kind] = KINDS.filter(({ type }) => type === 'Consent');
    if (kind === undefined) throw new Error('no Consent');
    const { as, path, body, resource } = await record(server(), kind);
    const sent = sentBy(kind, method, body);
    const type = method === 'PATCH' ? PATCH_TYPE : {};
    const call = (headers: object) => ({ method, as, headers: { ...type, ...headers }, ...sent });
    expect(verdict(await server().fhir('/Consent?status=active', call({})))).toBe('428 if-match-required');
    expect((await server().fhir(path, { as })).body).toEqual(resource);
    const done = await server().fhir('/Consent?status=active', call({ 'If-Match': 'W/"1"' }));
    expect([200, 204]).toContain(done.status);
  });
});
