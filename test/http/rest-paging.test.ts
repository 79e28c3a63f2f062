import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, idsOf, nextOf, verdict } from './answers.ts';
import type { Stored } from './kinds.ts';
import { freshBsn, freshUra, KARIM } from './people.ts';
import { actor, holderCategory, requesterCategory } from '../profiles/sample-consents.ts';
import { BSN_SYSTEM, consent, organization } from './resources.ts';
import { choice } from './questions.ts';

const server = useTestServer();
const NAME = 'Bladzijde';
const recorded: string[] = [];

beforeAll(async () => {
  for (let count = 0; count < 25; count += 1) {
    const body = organization(freshUra(), { name: `${NAME} ${count % 3}` });
    const answer = await server().fhir<Stored>('/Organization', { as: 'admin', body });
    recorded.push(answer.body.id);
  }
});

async function pages(path: string, as: string, between: () => Promise<unknown> = () => Promise.resolve()) {
  const found: string[][] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer = await server().fhir(next, { as });
    expect(answer.status).toBe(200);
    found.push(idsOf(answer));
    next = nextOf(answer);
    await between();
  }
  return found;
}

describe('the pages of a search', () => {
  it.each(['', '&_sort=_lastUpdated', '&_sort=-_lastUpdated', '&_sort=-_id', '&_sort=_lastUpdated,-_id'])(
    'follow each other to the end without a gap and without a double%s',
    async (sort) => {
      const found = await pages(`/Organization?name=${NAME}&_count=4${sort}`, 'gp');
      expect(found.map((page) => page.length)).toEqual([4, 4, 4, 4, 4, 4, 1]);
      expect(found.flat().sort()).toEqual([...recorded].sort());
    },
  );

  it('stand in the order asked for', async () => {
    const byTime = await pages(`/Organization?name=${NAME}&_count=4&_sort=_lastUpdated,_id`, 'gp');
    expect(byTime.flat()).toEqual(recorded);
    const backwards = await pages(`/Organization?name=${NAME}&_count=4&_sort=-_lastUpdated,-_id`, 'gp');
    expect(backwards.flat()).toEqual([...recorded].reverse());
    const byId = await pages(`/Organization?name=${NAME}&_count=4&_sort=_id`, 'gp');
    expect(byId.flat()).toEqual([...recorded].sort());
  });

  it('lose nothing that was there all the time when others come in between', async () => {
    const add = () =>
      server().fhir('/Organization', { as: 'admin', body: organization(freshUra(), { name: `Tussen` }) });
    const found = (await pages(`/Organization?name=${NAME},Tussen&_count=4`, 'gp', add)).flat();
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(recorded));
  });

  it('end exactly when the last page is full', async () => {
    const found = await pages(`/Organization?name=${NAME}&_count=5`, 'gp');
    expect(found.map((page) => page.length)).toEqual([5, 5, 5, 5, 5]);
  });

  it('say in their links what was asked, and nothing of it in the cursor that could be changed', async () => {
    const first = await server().fhir<Bundle>(`/Organization?name=${NAME}&_count=4&_total=accurate`, { as: 'gp' });
    expect(first.body).toMatchObject({ type: 'searchset', total: 25 });
    const self = first.body.link?.find(({ relation }) => relation === 'self')?.url;
    expect(self).toBe(`${server().baseUrl}/fhir/Organization?name=${NAME}&_count=4&_total=accurate`);
    const next = nextOf(first) ?? '';
    for (const broken of [next.slice(0, -1), `${next}A`, next.replace(/_cursor=../, '_cursor=AA')]) {
      expect(verdict(await server().fhir(broken, { as: 'gp' }))).toBe('400 invalid-cursor');
    }
    expect(verdict(await server().fhir(`${next}&_sort=-_lastUpdated`, { as: 'gp' }))).toBe('400 invalid-cursor');
  });
});

describe('the pages of a search by BSN', () => {
  const form = (fields: Record<string, string>) => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });

  it('are about the same citizen to the end, with no BSN in a link', async () => {
    const call = form({ 'patient.identifier': `${BSN_SYSTEM}|${KARIM}`, _count: '1' });
    const first = await server().fhir<Bundle>('/Consent/_search', { as: 'hospital', ...call });
    expect(JSON.stringify(first.body.link)).not.toContain(KARIM);
    const all = await pages(nextOf(first) ?? '', 'hospital').then((rest) => [...idsOf(first), ...rest.flat()]);
    const whole = form({ 'patient.identifier': `${BSN_SYSTEM}|${KARIM}` });
    const expected = idsOf(await server().fhir('/Consent/_search', { as: 'hospital', ...whole }));
    expect(all).toEqual(expected);
  });

  beforeAll(async () => {
    // Both citizens have two answers that concern the hospital.
    for (const bsn of [KARIM, '900186021']) {
      const as = `citizen:${bsn}`;
      await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all') });
      const provision = {
        ...consent(bsn).provision,
        actor: [actor('CST', holderCategory('ZKH'))],
        provision: [{ type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC001'))] }],
      };
      const answer = await server().fhir('/Consent', { as, body: consent(bsn, { provision }) });
      expect(answer.status).toBe(201);
    }
  });

  it('are the same for the citizen', async () => {
    const call = form({ 'patient.identifier': KARIM, _count: '3' });
    const first = await server().fhir<Bundle>('/Consent/_search', { as: `citizen:${KARIM}`, ...call });
    const rest = await pages(nextOf(first) ?? '', `citizen:${KARIM}`);
    expect([idsOf(first), ...rest].flat()).toHaveLength(8);
  });

  it('do not leave the citizen in the log either', async () => {
    const asked = (bsn: string) =>
      server().fhir<Bundle>('/AuditEvent/_search', {
        as: 'auditor',
        ...form({ 'patient.identifier': bsn, _count: '2' }),
      });
    const first = await asked(KARIM);
    const second = await server().fhir<Bundle>(nextOf(first) ?? '', { as: 'auditor' });
    const patients = entriesOf<AuditEvent>(second)
      .flatMap(({ entity = [] }) => entity.flatMap(({ what }) => what?.reference ?? []))
      .filter((reference) => reference.startsWith('Patient/') && !reference.includes('/_history'));
    expect(new Set(patients).size).toBe(1);
    const nobody = await asked(freshBsn());
    expect(nobody.body.entry).toBeUndefined();
    expect(nextOf(nobody)).toBeUndefined();
  });
});
