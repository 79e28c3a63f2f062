import type { Bundle, Consent } from '@medplum/fhirtypes';
import { useTestServer, type Answer } from '../setup/test-server.ts';
import { entriesOf, partsOf, verdict } from './answers.ts';
import { KINDS, record } from './kinds.ts';
import { freshBsn, freshUra, HOSPITAL, PHARMACY } from './people.ts';
import { choice, question } from './questions.ts';
import { consent, organization, patient, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

/** How often each verdict occurs. */
function tally(answers: readonly Answer<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[verdict(answer)] = (counts[verdict(answer)] ?? 0) + 1;
  return counts;
}

const times = <T>(count: number, call: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)));

async function rowsOf(table: string, bsn: string): Promise<number> {
  const { database, vault } = server().server.register;
  const { rowCount } = await database.query(`select from ${table} where patient_key = $1 and not deleted`, [
    vault.keyOf(bsn),
  ]);
  return rowCount;
}

describe('of many at once', () => {
  it.each(KINDS)('one changes the version of $type that all saw', async (kind) => {
    const { as, path, id, body } = await record(server(), kind);
    const headers = { 'If-Match': 'W/"1"' };
    const answers = await times(50, () =>
      server().fhir(path, { method: 'PUT', as, headers, body: { ...body, id, ...kind.change } }),
    );
    expect(tally(answers)).toEqual({ '200': 1, '412 version-stale': 49 });
    const history = await server().fhir<Bundle>(`${path}/_history`, { as });
    expect(history.body.total).toBe(2);
  });

  it('all change what they need not have seen, one after the other', async () => {
    const [, kind] = KINDS;
    if (kind === undefined) throw new Error('no kind');
    const { as, path, id, body } = await record(server(), kind);
    const answers = await times(20, (index) =>
      server().fhir(path, { method: 'PUT', as, body: { ...body, id, name: `Naam ${index}` } }),
    );
    expect(tally(answers)).toEqual({ '200': 20 });
    const versions = answers.map(({ headers }) => headers.get('etag'));
    expect(new Set(versions).size).toBe(20);
    expect((await server().fhir<Bundle>(`${path}/_history?_count=50`, { as })).body.total).toBe(21);
  });

  it('one deletes', async () => {
    const [, , kind] = KINDS;
    if (kind === undefined) throw new Error('no kind');
    const { as, path } = await record(server(), kind);
    const headers = { 'If-Match': 'W/"1"' };
    const answers = await times(20, () => server().fhir(path, { method: 'DELETE', as, headers }));
    expect(answers.every(({ status }) => status === 204 || status === 412)).toBe(true);
    expect((await server().fhir<Bundle>(`${path}/_history`, { as })).body.total).toBe(2);
  });

  it('one records a citizen', async () => {
    const bsn = freshBsn();
    const answers = await times(20, () => server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) }));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect(await rowsOf('patient', bsn)).toBe(1);
  });

  it('one records an organisation on a condition, the others find it or are told', async () => {
    const ura = freshUra();
    const headers = { 'If-None-Exist': `identifier=${URA_SYSTEM}|${ura}` };
    const answers = await times(200, () =>
      server().fhir('/Organization', { as: 'admin', headers, body: organization(ura) }),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.every((status) => [200, 201, 409].includes(status))).toBe(true);
    const found = await server().fhir<Bundle>(`/Organization?identifier=${ura}&_total=accurate`, { as: 'admin' });
    expect(found.body.total).toBe(1);
  });
});

describe('choices made at once', () => {
  const decisionsOf = async (bsn: string) => {
    const asked = [PHARMACY, HOSPITAL].map((requester) =>
      server().fhir('/Consent/$check', { as: 'gp', body: question(bsn, { requester }) }),
    );
    return (await Promise.all(asked)).map((answer) => partsOf(answer)['decision']?.valueCode);
  };

  it('for a citizen nobody knew make one Patient and one set of answers', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const answers = await times(20, () => server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all') }));
    expect(tally(answers)).toEqual({ '200': 20 });
    expect([await rowsOf('patient', bsn), await rowsOf('consent', bsn)]).toEqual([1, 7]);
    expect(await decisionsOf(bsn)).toEqual(['permit', 'permit']);
  });

  it('that contradict each other end as one of them, whole', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const answers = await times(20, (index) =>
      server().fhir('/Consent/$choose', { as, body: choice(bsn, index % 2 === 0 ? 'all' : 'none') }),
    );
    expect(tally(answers)).toEqual({ '200': 20 });
    const consents = entriesOf<Consent>(await server().fhir('/Consent?status=active', { as }));
    expect(consents).toHaveLength(7);
    const types = new Set(consents.flatMap(({ provision }) => (provision?.provision ?? []).map(({ type }) => type)));
    expect(types.size).toBe(1);
    const [type] = types;
    expect(await decisionsOf(bsn)).toEqual([type, type]);
  });

  it('with Consents beside them leave nobody waiting and nothing half done', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const answers = await times(20, (index) =>
      index % 2 === 0
        ? server().fhir('/Consent/$choose', { as, body: choice(bsn, 'none') })
        : server().fhir('/Consent', { as, body: consent(bsn) }),
    );
    expect(Object.keys(tally(answers)).sort()).toEqual(['200', '201']);
    await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'none') });
    expect(await decisionsOf(bsn)).toEqual(['deny', 'deny']);
    expect(await rowsOf('patient', bsn)).toBe(1);
  });
});
