import type { Bundle, Consent, Provenance } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { type Call, useTestServer } from '../setup/test-server.ts';
import { bundle, get } from './bundle.ts';
import { endBody, granted } from './emergency.ts';
import { choose, said } from './family.ts';
import { freshBsn, GP, PHARMACY, POST } from './people.ts';
import { searchProvenance } from './provenance.ts';
import { providerChoice } from './provider-choices.ts';
import { BSN_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();

const REASON = 'Boomklever ademt niet';
const isTold = (body: unknown) => JSON.stringify(body).includes(REASON);

/** A citizen with a grant for all holders, whom three holders have registered. */
async function scene() {
  const bsn = freshBsn();
  for (const holder of [GP, PHARMACY, POST]) await subscribe(server(), bsn, holder);
  return { bsn, grant: await granted(server(), bsn, { reason: REASON }) };
}

interface Read {
  readonly way: string;
  readonly path: (id: string) => string;
  readonly call?: (bsn: string, id: string) => Call;
}

/** Every way to a Consent, for somebody who may go it. */
const READS: readonly Read[] = [
  { way: 'read', path: (id) => `/Consent/${id}` },
  { way: 'read as a version', path: (id) => `/Consent/${id}/_history/1` },
  { way: 'read with its history', path: (id) => `/Consent/${id}/_history` },
  { way: 'read in the history of all', path: () => '/Consent/_history?_count=1000' },
  { way: 'read in part', path: (id) => `/Consent/${id}?_elements=extension` },
  { way: 'searched', path: (id) => `/Consent?_id=${id}` },
  {
    way: 'searched by the BSN',
    path: () => '/Consent/_search',
    call: (bsn) => ({
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ 'patient.identifier': `${BSN_SYSTEM}|${bsn}` }).toString(),
    }),
  },
  {
    way: 'read in a batch',
    path: () => '/',
    call: (_, id) => ({ body: bundle('batch', [get(`Consent/${id}`)]) }),
  },
];

describe('the reason of an emergency grant', () => {
  it.each(READS)('is told to the citizen and to no holder: $way', async ({ path, call = () => ({}) }) => {
    const { bsn, grant } = await scene();
    const read = (as: string) => server().fhir(path(grant.id), { as, ...call(bsn, grant.id) });
    for (const [as, expected] of [
      [`citizen:${bsn}`, true],
      ['gp', false],
      ['pharmacy', false],
      ['post', false],
    ] as const) {
      const { status, body } = await read(as);
      expect([status, JSON.stringify(body).includes('patient-agreed'), isTold(body)]).toEqual([200, true, expected]);
    }
  });

  it('is not told to a holder with what $choose answers, with an ended grant, or in its notifications', async () => {
    const { bsn, grant } = await scene();
    const chosen = await server().fhir<Bundle>('/Consent/$choose', { as: 'gp', body: providerChoice(bsn) });
    expect(chosen.body.entry?.map(({ resource }) => resource?.id)).toContain(grant.id);
    await choose(server(), bsn, said('permit'));
    const ended = await server().fhir('/Consent/$end-emergency', { as: `citizen:${bsn}`, body: endBody(grant.id) });
    expect([ended.status, isTold(ended.body)]).toEqual([200, true]);
    const read = await server().fhir<Consent>(`/Consent/${grant.id}`, { as: 'gp' });
    expect(read.body.status).toBe('inactive');
    const id = await subscribe(server(), bsn, GP);
    const events = await server().fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
    expect(events.body.entry?.length).toBeGreaterThan(2);
    for (const { status, body } of [chosen, read, events]) expect([status, isTold(body)]).toEqual([200, false]);
  });

  it('is not in the answer to who recorded it, which our profile accepts, but in their own Provenance', async () => {
    const { bsn, grant } = await scene();
    expect([grant.status, isTold(grant)]).toEqual(['active', false]);
    expect(validate(server().server.register.conformance, 'Consent', grant)).toEqual([]);
    const kept = async (as: string) => {
      const { body } = await searchProvenance(server(), as, { target: `Consent/${grant.id}` });
      return (body.entry ?? []).map(({ resource }) => (resource as Provenance).reason?.[0]?.text);
    };
    expect(await kept('post')).toEqual([REASON]);
    expect(await kept(`citizen:${bsn}`)).toEqual([REASON]);
    expect([await kept('gp'), await kept('pharmacy')]).toEqual([[], []]);
  });
});
