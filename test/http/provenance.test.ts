import type { Consent, Provenance } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, verdict } from './answers.ts';
import { endBody, granted } from './emergency.ts';
import { bornYearsAgo, choose, parent, said, settle } from './family.ts';
import { migrate, migrated, outcomesOf } from './migrating.ts';
import { freshBsn, GP, HOSPITAL, PHARMACY, POST } from './people.ts';
import { inWords, provenanceOf, versionsOf } from './provenance.ts';
import { record, recorded, registered } from './provider-choices.ts';
import { choice } from './questions.ts';
import { consent, patient } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const BY_GP = `assembler gp for ${GP}, enterer ${GP} for Patient`;
const BY_CITIZEN = 'author Patient';

/** The newest Provenance of a citizen. */
async function latestOf(bsn: string): Promise<Provenance> {
  const latest = (await provenanceOf(server(), bsn)).at(-1);
  if (latest === undefined) throw new Error('nothing was kept');
  return latest;
}

/** A citizen's own Consent, posted. */
async function posted(bsn: string): Promise<Consent> {
  const answer = await server().fhir<Consent>('/Consent', { as: `citizen:${bsn}`, body: consent(bsn) });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** Changes a Consent through FHIR, or deletes it. */
async function change(bsn: string, method: string, body?: unknown, type?: string): Promise<void> {
  const { id = '' } = await posted(bsn);
  const headers = { 'If-Match': 'W/"1"', ...(type === undefined ? {} : { 'Content-Type': type }) };
  const call = { method, as: `citizen:${bsn}`, headers, ...(body === undefined ? {} : { body }) };
  expect((await server().fhir(`/Consent/${id}`, call)).status).toBeLessThan(300);
}

/** Every way in which an answer is recorded: what is done, what is kept of it, and the versions it is about. */
const WAYS: [what: string, act: (bsn: string) => Promise<unknown>, kept: string, versions: string[]][] = [
  ['a choice in the portal', (bsn) => choose(server(), bsn, said('permit')), `portal: ${BY_CITIZEN}`, ['1']],
  ['everything at once', (bsn) => choose(server(), bsn, 'all'), `portal: ${BY_CITIZEN}`, Array<string>(7).fill('1')],
  ['a Consent that is created', posted, `portal: ${BY_CITIZEN}`, ['1']],
  [
    'a Consent that is updated',
    (bsn) => change(bsn, 'PUT', consent(bsn, { dateTime: '2026-02-01' })),
    `portal: ${BY_CITIZEN}`,
    ['2'],
  ],
  [
    'a Consent that is patched',
    (bsn) =>
      change(bsn, 'PATCH', [{ op: 'replace', path: '/status', value: 'inactive' }], 'application/json-patch+json'),
    `portal: ${BY_CITIZEN}`,
    ['2'],
  ],
  ['a Consent that is deleted', (bsn) => change(bsn, 'DELETE'), `portal: ${BY_CITIZEN}`, ['2']],
  ['the holder’s button', (bsn) => recorded(server(), bsn), `button: ${BY_GP}`, ['1']],
  [
    'together',
    (bsn) => recorded(server(), bsn, { way: 'together', option: 'none' }),
    `together: ${BY_GP}`,
    Array<string>(7).fill('1'),
  ],
  [
    'an emergency',
    (bsn) => granted(server(), bsn),
    `emergency: assembler post for ${POST}, enterer ${POST} for Patient`,
    ['1'],
  ],
  [
    'the end of an emergency',
    async (bsn) => {
      const body = endBody((await granted(server(), bsn)).id);
      await server().fhir('/Consent/$end-emergency', { as: `citizen:${bsn}`, body });
    },
    `portal: ${BY_CITIZEN}`,
    ['2'],
  ],
  [
    'a migration',
    async (bsn) => {
      const answer = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
      expect(outcomesOf(answer)).toEqual(['201 created']);
    },
    `migration: ${BY_GP}`,
    ['1'],
  ],
];

describe('the provenance of', () => {
  it.each(WAYS)('%s', async (_, act, kept, versions) => {
    const bsn = await registered(server(), GP);
    await act(bsn);
    const provenance = await latestOf(bsn);
    expect(validate(server().server.register.conformance, 'Provenance', provenance)).toEqual([]);
    expect(inWords(provenance)).toBe(kept);
    expect(versionsOf(provenance)).toEqual(versions);
    expect(provenance.policy).toEqual([
      'https://wetten.overheid.nl/BWBR0023864',
      'https://akkoord.example/fhir/CodeSystem/consent-question|3960100',
    ]);
    expect(provenance.extension?.map(({ valueString }) => valueString)).toEqual(['3960100']);
  });

  it('a parent’s confirmation names the parent, and the child for whom it was given', async () => {
    const [child, by] = [freshBsn(), await parent(server())];
    const body = patient(child, { birthDate: bornYearsAgo(14) });
    await server().fhir('/Patient', { as: `citizen:${child}`, body });
    await choose(server(), child, said('permit'));
    await settle(server(), child, by);
    const provenance = await latestOf(child);
    expect(inWords(provenance)).toBe('confirmation: verifier Patient for Patient');
    const [verifier] = provenance.agent;
    expect(verifier?.who.reference).not.toBe(verifier?.onBehalfOf?.reference);
    expect(validate(server().server.register.conformance, 'Provenance', provenance)).toEqual([]);
    expect(await provenanceOf(server(), by)).toEqual([]);
  });

  it('choices that turn out to be a child’s names who passed the birth date', async () => {
    const bsn = freshBsn();
    await choose(server(), bsn, said('permit'));
    await subscribe(server(), bsn, GP, { birthDate: bornYearsAgo(14) });
    const provenance = await latestOf(bsn);
    expect([inWords(provenance), versionsOf(provenance)]).toEqual([`correction: ${BY_GP}`, ['2']]);
  });

  it('a recording with a reason holds it, and without one none', async () => {
    const bsn = await registered(server(), GP);
    await recorded(server(), bsn, { reason: 'Asked for at the desk' });
    expect((await latestOf(bsn)).reason).toEqual([{ text: 'Asked for at the desk' }]);
    await recorded(server(), bsn);
    expect(await latestOf(bsn)).not.toHaveProperty('reason');
    await granted(server(), bsn, { reason: 'Chest pain' });
    expect((await latestOf(bsn)).reason).toEqual([{ text: 'Chest pain' }]);
  });

  it('each Consent of one recording, by the version that was written, and of nothing else', async () => {
    const bsn = await registered(server(), GP);
    const answer = await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
    const written = entriesOf<Consent>(answer).map(({ id, meta }) => `Consent/${id}/_history/${meta?.versionId}`);
    const { target } = await latestOf(bsn);
    expect(target.map(({ reference }) => reference).sort()).toEqual(written.sort());
  });
});

describe('nothing is kept of', () => {
  it.each<[string, (bsn: string) => Promise<string>, string]>([
    ['what is refused', async (bsn) => verdict(await record(server(), bsn, { as: 'hospital' })), '403 not-subscribed'],
    [
      'a choice that changes nothing',
      async (bsn) => verdict(await record(server(), bsn, { answers: [{ decision: 'clear' }] })),
      '200',
    ],
  ])('%s', async (_, act, expected) => {
    const bsn = await registered(server(), GP);
    expect(await act(bsn)).toBe(expected);
    expect(await provenanceOf(server(), bsn)).toEqual([]);
  });

  it('a transaction that fails, also where a part of it had succeeded', async () => {
    const bsn = await registered(server(), GP);
    const post = (resource: object, url: string) => ({ resource, request: { method: 'POST', url } });
    const entry = [post(consent(bsn), 'Consent'), post(consent(bsn, { status: 'draft' }), 'Consent')];
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server().fhir('/', { as: `citizen:${bsn}`, body })).status).toBe(422);
    expect(await provenanceOf(server(), bsn)).toEqual([]);
    const good = { ...body, entry: [entry[0], post(consent(bsn, { dateTime: '2026-01-01' }), 'Consent')] };
    expect((await server().fhir('/', { as: `citizen:${bsn}`, body: good })).status).toBe(200);
    expect(await provenanceOf(server(), bsn)).toHaveLength(2);
  });
});

describe('a migration of many citizens', () => {
  it('keeps one for each of them, under their own name', async () => {
    const citizens = [];
    for (let count = 0; count < 5; count += 1) citizens.push(await registered(server(), GP));
    const items = citizens.map((bsn) => migrated(bsn, { deny: ['RPZAC005'] }));
    expect(outcomesOf(await migrate(server(), items))).toEqual(Array(5).fill('201 created'));
    for (const bsn of citizens) {
      const kept = await provenanceOf(server(), bsn);
      expect(kept.map(inWords)).toEqual([`migration: ${BY_GP}`]);
    }
  });
});

describe('who recorded', () => {
  it('is told apart by organisation', async () => {
    const bsn = await registered(server(), GP, HOSPITAL, PHARMACY);
    await recorded(server(), bsn, { as: 'hospital', answers: [{ holder: HOSPITAL }] });
    await recorded(server(), bsn, { as: 'pharmacy', way: 'together', answers: [{ holder: 'APO' }] });
    expect((await provenanceOf(server(), bsn)).map(inWords)).toEqual([
      `button: assembler hospital for ${HOSPITAL}, enterer ${HOSPITAL} for Patient`,
      `together: assembler pharmacy for ${PHARMACY}, enterer ${PHARMACY} for Patient`,
    ]);
  });
});
