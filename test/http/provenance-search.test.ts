import type { Bundle, Patient, Provenance } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, idsOf, nextOf, verdict } from './answers.ts';
import { deleteAccount, wholeLog } from './citizens.ts';
import { granted } from './emergency.ts';
import { bornYearsAgo, choose, citizenBorn, parent, said, settle } from './family.ts';
import { freshBsn, GP, HOSPITAL, KARIM, POST } from './people.ts';
import { inWords, provenanceOf, searchProvenance } from './provenance.ts';
import { recorded, registered } from './provider-choices.ts';
import { BSN_SYSTEM } from './resources.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';

const server = useTestServer();
const get = (path: string, as: string) => server().fhir<Bundle<Provenance>>(path, { as });
const byBsn = (bsn: string) => ({ 'patient.identifier': `${BSN_SYSTEM}|${bsn}` });
const waysIn = (answer: Parameters<typeof entriesOf>[0]) =>
  entriesOf<Provenance>(answer).map((one) => inWords(one).split(':')[0]);

/** Who recorded for one citizen: the citizen, the GP practice and the hospital. Ids oldest first. */
async function threeRecordings(): Promise<{ bsn: string; ids: string[] }> {
  const bsn = await registered(server(), GP, HOSPITAL);
  await choose(server(), bsn, said('permit'));
  await recorded(server(), bsn);
  await recorded(server(), bsn, { as: 'hospital', way: 'together', answers: [{ holder: 'ZKH' }] });
  return { bsn, ids: (await provenanceOf(server(), bsn)).map(({ id }) => id ?? '') };
}

describe('who sees where answers come from', () => {
  it('the citizen all of their own, and nothing of another', async () => {
    const { bsn, ids } = await threeRecordings();
    expect(ids).toHaveLength(3);
    for (const id of ids) expect((await get(`/Provenance/${id}`, `citizen:${bsn}`)).status).toBe(200);
    const other = `citizen:${freshBsn()}`;
    for (const id of ids) expect(verdict(await get(`/Provenance/${id}`, other))).toBe('404 not-found');
    expect(idsOf(await searchProvenance(server(), other, byBsn(bsn)))).toEqual([]);
    expect(idsOf(await get(`/Provenance?_id=${ids.join(',')}`, other))).toEqual([]);
  });

  it('a holder what it recorded itself', async () => {
    const { bsn, ids } = await threeRecordings();
    for (const [as, at] of [
      ['gp', 1],
      ['hospital', 2],
    ] as const) {
      expect(idsOf(await searchProvenance(server(), as, byBsn(bsn)))).toEqual([ids[at]]);
      const statuses = [];
      for (const id of ids) statuses.push((await get(`/Provenance/${id}`, as)).status);
      expect(statuses).toEqual([0, 1, 2].map((one) => (one === at ? 200 : 404)));
    }
    expect(idsOf(await searchProvenance(server(), 'laboratory', byBsn(bsn)))).toEqual([]);
  });

  it('a holder only as long as it is subscribed for the citizen', async () => {
    const { bsn, ids } = await threeRecordings();
    await unsubscribe(server(), bsn, GP);
    expect(idsOf(await searchProvenance(server(), 'gp', byBsn(bsn)))).toEqual([]);
    expect((await get(`/Provenance/${ids[1] ?? ''}`, 'gp')).status).toBe(404);
    await subscribe(server(), bsn, GP);
    expect((await get(`/Provenance/${ids[1] ?? ''}`, 'gp')).status).toBe(200);
  });

  it('an emergency organisation without a subscription nothing of what it granted itself', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn);
    expect(idsOf(await searchProvenance(server(), 'post', byBsn(bsn)))).toEqual([]);
    await subscribe(server(), bsn, POST);
    expect(waysIn(await searchProvenance(server(), 'post', byBsn(bsn)))).toEqual(['emergency']);
  });

  it('nobody else at all', async () => {
    const { ids } = await threeRecordings();
    for (const as of ['exchange', 'auditor', 'admin']) {
      expect(verdict(await get(`/Provenance/${ids[0] ?? ''}`, as))).toBe('403 not-permitted');
      expect(verdict(await get('/Provenance', as))).toBe('403 not-permitted');
    }
  });

  it('and every look is in the log of the citizen, also that of a search', async () => {
    const { bsn, ids } = await threeRecordings();
    await get(`/Provenance/${ids[1] ?? ''}`, 'gp');
    await searchProvenance(server(), 'gp', byBsn(bsn));
    const looks = (await wholeLog(server(), bsn)).filter(
      ({ subtype, agent }) =>
        ['read', 'search-type'].includes(subtype?.[0]?.code ?? '') && agent[0]?.who?.identifier?.value === 'gp',
    );
    expect(looks.map(({ entity = [] }) => entity.map(({ what }) => what?.reference))).toEqual([
      expect.arrayContaining([`Provenance/${ids[1] ?? ''}`]),
      expect.arrayContaining([`Provenance/${ids[1] ?? ''}`]),
    ]);
  });
});

describe('a search for provenance', () => {
  it('by the Consent that was written, whatever its version', async () => {
    const { bsn } = await threeRecordings();
    const as = `citizen:${bsn}`;
    const all = await provenanceOf(server(), bsn);
    for (const { id, target } of all) {
      const [, consent = ''] = (target[0]?.reference ?? '').split('/');
      expect(idsOf(await get(`/Provenance?target=Consent/${consent}`, as))).toEqual([id]);
    }
    expect(idsOf(await get('/Provenance?target=Consent/none', as))).toEqual([]);
    expect((await get('/Provenance?target=Patient/none', as)).status).toBe(400);
  });

  it('by the citizen, as a reference or by BSN in the body of a POST', async () => {
    const { bsn, ids } = await threeRecordings();
    const as = `citizen:${bsn}`;
    const [own] = entriesOf<Patient>(await server().fhir(`/Patient?_lastUpdated=gt2020`, { as }));
    expect(idsOf(await get(`/Provenance?patient=Patient/${own?.id ?? ''}&_sort=recorded`, as))).toEqual(ids);
    expect(idsOf(await get('/Provenance?patient=Patient/none', as))).toEqual([]);
    expect(idsOf(await searchProvenance(server(), as, { ...byBsn(bsn), _sort: 'recorded' }))).toEqual(ids);
    expect(idsOf(await searchProvenance(server(), as, byBsn(KARIM)))).toEqual([]);
    expect(verdict(await get(`/Provenance?patient.identifier=${bsn}`, as))).toBe('400 bsn-in-url');
  });

  it('by its moment', async () => {
    const { bsn, ids } = await threeRecordings();
    const as = `citizen:${bsn}`;
    const [, second] = await provenanceOf(server(), bsn);
    const at = second?.recorded ?? '';
    const found = async (prefix: string) => idsOf(await get(`/Provenance?recorded=${prefix}${at}&_sort=recorded`, as));
    expect(await found('')).toEqual([ids[1]]);
    expect(await found('gt')).toEqual([ids[2]]);
    expect(await found('lt')).toEqual([ids[0]]);
    expect(await found('ge')).toEqual(ids.slice(1));
    expect(idsOf(await get(`/Provenance?recorded=gt${at}&recorded=lt${at}`, as))).toEqual([]);
  });

  it('page by page, newest first, with a total on demand', async () => {
    const { bsn, ids } = await threeRecordings();
    const as = `citizen:${bsn}`;
    const seen: string[] = [];
    for (let path: string | undefined = '/Provenance?_count=1&_total=accurate'; path !== undefined;) {
      const page: Awaited<ReturnType<typeof get>> = await get(path, as);
      expect(page.body.total).toBe(3);
      seen.push(...idsOf(page));
      path = nextOf(page);
    }
    expect(seen).toEqual(ids.toReversed());
    expect((await get('/Provenance?_summary=count', as)).body).toMatchObject({ total: 3 });
  });

  it.each([
    'agent=x',
    'entity=x',
    'recorded=yesterday',
    '_sort=target',
    'target:missing=true',
    '_cursor=x',
    '_revinclude=Consent:x',
  ])('that asks for %s is refused', async (query) => {
    expect((await get(`/Provenance?${query}`, `citizen:${KARIM}`)).status).toBe(400);
  });
});

describe('provenance', () => {
  it.each(['PUT', 'PATCH', 'DELETE'])('is not changed: %s', async (method) => {
    const { bsn, ids } = await threeRecordings();
    const call = { method, as: `citizen:${bsn}`, ...(method === 'DELETE' ? {} : { body: {} }) };
    expect((await server().fhir(`/Provenance/${ids[0] ?? ''}`, call)).status).toBe(405);
    expect(await provenanceOf(server(), bsn)).toHaveLength(3);
  });

  it('goes with the account; what a parent confirmed stays, without who it was', async () => {
    const child = await citizenBorn(server(), bornYearsAgo(14));
    const by = await parent(server());
    await choose(server(), by, said('permit'));
    await choose(server(), child, said('permit'));
    await settle(server(), child, by);
    expect((await deleteAccount(server(), by)).status).toBe(200);
    expect(await provenanceOf(server(), by)).toEqual([]);
    const words = (await provenanceOf(server(), child)).map(inWords);
    expect(words).toEqual(['portal: author Patient', 'confirmation: verifier citizen for Patient']);
  });
});
