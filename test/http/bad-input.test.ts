import type { Consent } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { codesOf, elementsOf, idsOf, verdict } from './answers.ts';
import { BAD_CONSENTS, BAD_OTHERS } from './bad-resources.ts';
import { freshBsn, freshUra, GP, NOOR, PHARMACY } from './people.ts';
import { expectNoEcho, refused } from './refusal.ts';
import { BSN_SYSTEM, consent, organization, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

describe('a resource is refused that has', () => {
  it.each([...BAD_CONSENTS, ...BAD_OTHERS])('$name', async ({ as, body, expected, element }) => {
    const [pharmacy = ''] = idsOf(await server().fhir(`/Organization?identifier=${PHARMACY}`, { as: 'gp' }));
    const text = JSON.stringify(body).replaceAll('Organization/PHARMACY', `Organization/${pharmacy}`);
    const answer = await refused(server(), `/${body.resourceType}`, { as, body: text });
    expect(verdict(answer)).toMatch(new RegExp(`^${expected}`));
    expect(elementsOf(answer).some((one) => one.startsWith(element))).toBe(true);
    expectNoEcho(answer, '900186022', 'GGC999', 'RPZAC999', 'ZZZ', '0000659');
  });

  it('nothing wrong with it: that one is stored', async () => {
    const bsn = freshBsn();
    expect((await server().fhir('/Consent', { as: `citizen:${bsn}`, body: consent(bsn) })).status).toBe(201);
    expect((await server().fhir('/Organization', { as: 'admin', body: organization(freshUra()) })).status).toBe(201);
  });

  it('more wrong with it than one thing: each is named', async () => {
    const answer = await refused(server(), '/Consent', {
      as: `citizen:${NOOR}`,
      body: consent(NOOR, { colour: 'red', status: 'draft', policy: [] }),
    });
    expect(codesOf(answer).length).toBeGreaterThan(2);
  });

  it('become wrong by a change: the old one stays', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const { body } = await server().fhir<{ id: string }>('/Consent', { as, body: consent(bsn) });
    for (const { body: bad } of BAD_CONSENTS.filter(({ body: one }) => JSON.stringify(one).includes(NOOR)).slice(
      0,
      4,
    )) {
      const mine = JSON.stringify({ ...bad, id: body.id }).replaceAll(NOOR, bsn);
      const headers = { 'If-Match': 'W/"1"' };
      const answer = await refused(server(), `/Consent/${body.id}`, { method: 'PUT', as, headers, body: mine });
      expect(answer.status).toBe(422);
    }
  });
});

describe('a change of a Consent', () => {
  const { provision } = consent(NOOR);
  const recorded = async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const { body } = await server().fhir<Consent>('/Consent', { as, body: consent(bsn) });
    return { as, body, path: `/Consent/${body.id ?? ''}`, headers: { 'If-Match': 'W/"1"' } };
  };

  it('does not give it to another holder', async () => {
    const { as, body, path, headers } = await recorded();
    const holder = { ...provision.actor[0], reference: { identifier: { system: URA_SYSTEM, value: GP } } };
    const changed = { ...body, provision: { ...provision, actor: [holder] } };
    const answer = await refused(server(), path, { method: 'PUT', as, headers, body: changed });
    expect(verdict(answer)).toBe('422 holder-changed');
    const again = { ...body, provision };
    expect((await server().fhir(path, { method: 'PUT', as, headers, body: again })).status).toBe(200);
  });

  it('that withdraws it changes nothing else, whatever it says', async () => {
    const { as, body, path, headers } = await recorded();
    const verification = [{ verified: true, verifiedWith: { identifier: { system: BSN_SYSTEM, value: NOOR } } }];
    const changed = { ...body, status: 'inactive', verification, dateTime: '2020-01-01' };
    const answer = await server().fhir<Consent>(path, { method: 'PUT', as, headers, body: changed });
    const { meta, ...content } = body;
    expect(answer.body).toEqual({ ...content, status: 'inactive', meta: { ...meta, ...answer.body.meta } });
    expect(JSON.stringify(answer.body)).not.toContain(NOOR);
  });

  it('comes after its first version: none begins withdrawn', async () => {
    for (const status of ['inactive', 'entered-in-error', 'rejected', 'proposed']) {
      const answer = await refused(server(), '/Consent', { as: `citizen:${NOOR}`, body: consent(NOOR, { status }) });
      expect([answer.status, ...elementsOf(answer)]).toEqual([422, 'Consent.status']);
    }
  });
});
