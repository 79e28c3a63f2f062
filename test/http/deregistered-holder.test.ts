import type { Consent } from '@medplum/fhirtypes';
import { Files } from '../catalogue/change-files.ts';
import { actor, requesterCategory, ura as byUra } from '../profiles/sample-consents.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';
import { entriesOf, verdict } from './answers.ts';
import type { Stored } from './kinds.ts';
import { freshBsn, freshUra } from './people.ts';
import { choice } from './questions.ts';
import { consent, organization, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

interface Holder {
  readonly id: string;
  readonly ura: string;
}

async function register(types: readonly string[] = ['Z3']): Promise<Holder> {
  const ura = freshUra();
  const type = types.map((code) => ({ coding: [{ system: TYPE_SYSTEM, code }] }));
  const answer = await server().fhir<Stored>('/Organization', { as: 'admin', body: organization(ura, { type }) });
  expect(answer.status).toBe(201);
  return { id: answer.body.id, ura };
}

async function deregister({ id }: Holder): Promise<void> {
  expect((await server().fhir(`/Organization/${id}`, { as: 'admin', method: 'DELETE' })).status).toBe(204);
}

/** Two answers for this holder, as a Consent that a citizen posts. */
const about = (bsn: string, holder: object, requesters: readonly object[] = []) =>
  consent(bsn, {
    provision: {
      ...consent(bsn).provision,
      actor: [actor('CST', holder)],
      provision: [
        { type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC005')), ...requesters] },
        { type: 'deny', actor: [actor('IRCP', requesterCategory('RPZAC003'))] },
      ],
    },
  });

async function record(bsn: string, body: object): Promise<Consent> {
  const answer = await server().fhir<Consent>('/Consent', { as: `citizen:${bsn}`, body });
  expect(answer.status).toBe(201);
  return answer.body;
}

const answerFor = (holder: Holder, decision: string, requesterCategories: readonly string[] = []) => [
  { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: holder.ura } },
  ...requesterCategories.map((valueCode) => ({ name: 'requesterCategory', valueCode })),
  { name: 'decision', valueCode: decision },
];

const choose = (bsn: string, body: object, at: TestServer = server()) =>
  at.fhir('/Consent/$choose', { as: `citizen:${bsn}`, body });

const statusOf = async (bsn: string, id = '') =>
  (await server().fhir<Consent>(`/Consent/${id}`, { as: `citizen:${bsn}` })).body.status;

const NAMED: readonly (readonly [string, (holder: Holder) => object])[] = [
  ['by URA', ({ ura }) => byUra(ura)],
  ['literally', ({ id }) => ({ reference: `Organization/${id}` })],
  ['both ways', ({ id, ura }) => ({ reference: `Organization/${id}`, ...byUra(ura) })],
];

describe.each(NAMED)('a Consent that names its holder %s', (_, named) => {
  it('keeps the URA', async () => {
    const [bsn, holder, pharmacy] = [freshBsn(), await register(), await register(['J8'])];
    const stored = await record(bsn, about(bsn, named(holder), [actor('IRCP', named(pharmacy))]));
    expect(stored.provision?.actor?.[0]?.reference).toMatchObject(byUra(holder.ura));
    expect(stored.provision?.provision?.[0]?.actor?.[1]?.reference).toMatchObject(byUra(pharmacy.ura));
    expect(stored.provision?.actor?.[0]?.reference).toMatchObject(named(holder));
  });

  it.each(['PUT', 'PATCH'])(
    'is withdrawn by %s when neither holder nor requester is registered any more',
    async (method) => {
      const [bsn, holder, pharmacy] = [freshBsn(), await register(), await register(['J8'])];
      const stored = await record(bsn, about(bsn, named(holder), [actor('IRCP', named(pharmacy))]));
      await deregister(holder);
      await deregister(pharmacy);
      const patch = [{ op: 'replace', path: '/status', value: 'inactive' }];
      const answer = await server().fhir(`/Consent/${stored.id ?? ''}`, {
        as: `citizen:${bsn}`,
        method,
        headers: {
          'If-Match': 'W/"1"',
          'Content-Type': method === 'PUT' ? 'application/fhir+json' : 'application/json-patch+json',
        },
        body: method === 'PUT' ? { ...stored, status: 'inactive' } : patch,
      });
      expect(verdict(answer)).toBe('200');
      expect(await statusOf(bsn, stored.id)).toBe('inactive');
    },
  );

  it.each(['all', 'none'] as const)(
    'is withdrawn by option %s when its holder is registered no more',
    async (option) => {
      const [bsn, holder] = [freshBsn(), await register()];
      const stored = await record(bsn, about(bsn, named(holder)));
      await deregister(holder);
      expect(verdict(await choose(bsn, choice(bsn, option)))).toBe('200');
      expect(await statusOf(bsn, stored.id)).toBe('inactive');
    },
  );

  it('is cleared in part and as a whole when its holder is registered no more, and not answered again', async () => {
    const [bsn, holder] = [freshBsn(), await register()];
    const stored = await record(bsn, about(bsn, named(holder)));
    await deregister(holder);
    const permit = choice(bsn, 'certain', [answerFor(holder, 'permit')]);
    expect(verdict(await choose(bsn, permit))).toBe('422 holder-not-registered');
    const part = await choose(bsn, choice(bsn, 'certain', [answerFor(holder, 'clear', ['RPZAC005'])]));
    expect(verdict(part)).toBe('200');
    const [left] = entriesOf<Consent>(part);
    expect(left?.provision?.provision?.map(({ type }) => type)).toEqual(['deny']);
    expect(left?.category).toEqual(stored.category);
    const whole = await choose(bsn, choice(bsn, 'certain', [answerFor(holder, 'clear')]));
    expect(verdict(whole)).toBe('200');
    expect(entriesOf(whole)).toEqual([]);
  });

  it('is refused when its holder is registered no more', async () => {
    const [bsn, holder] = [freshBsn(), await register()];
    await deregister(holder);
    const answer = await server().fhir('/Consent', { as: `citizen:${bsn}`, body: about(bsn, named(holder)) });
    expect(verdict(answer)).toMatch(/^422 (holder-not-registered|organization-not-found)$/);
  });
});

describe('a catalogue that drops a holder category', () => {
  let after: TestServer | undefined;

  beforeAll(async () => {
    after = await openTestServer({ catalogue: withoutMentalHealthcare(), beside: server() });
  }, LIMIT_MS);
  afterAll(() => after?.close(), LIMIT_MS);

  const withAnswers = async () => {
    const bsn = freshBsn();
    expect(verdict(await choose(bsn, choice(bsn, 'all')))).toBe('200');
    const dropped = entriesOf<Consent>(await server().fhir('/Consent?status=active', { as: `citizen:${bsn}` })).find(
      ({ provision }) => provision?.actor?.[0]?.reference.identifier?.value === 'GGZ',
    );
    if (dropped === undefined || after === undefined) throw new Error('no answer for the category');
    return { bsn, dropped, after };
  };

  it.each(['all', 'none'] as const)('does not keep anyone from option %s', async (option) => {
    const scene = await withAnswers();
    expect(verdict(await choose(scene.bsn, choice(scene.bsn, option), scene.after))).toBe('200');
    expect(await statusOf(scene.bsn, scene.dropped.id)).toBe('inactive');
  });

  it('does not keep anyone from withdrawing', async () => {
    const { bsn, dropped, after: later } = await withAnswers();
    const answer = await later.fhir(`/Consent/${dropped.id ?? ''}`, {
      as: `citizen:${bsn}`,
      method: 'PUT',
      headers: { 'If-Match': 'W/"1"' },
      body: { ...dropped, status: 'inactive' },
    });
    expect(verdict(answer)).toBe('200');
  });
});

describe('an organisation of several kinds', () => {
  const chosen = async (types: readonly string[], decision: string) => {
    const [bsn, holder] = [freshBsn(), await register(types)];
    return choose(bsn, choice(bsn, 'certain', [answerFor(holder, decision)]));
  };

  it.each(['permit', 'deny'])(
    'is not answered with %s when no data category of it holds the others',
    async (decision) => {
      const answer = await chosen(['J8', 'L1'], decision);
      expect(verdict(answer)).toBe('422 several-data-categories');
      expect(JSON.stringify(answer.body)).toContain('Parameters.parameter[2]');
    },
  );

  it('is answered with the widest when there is one, and cleared whatever it is', async () => {
    const answer = await chosen(['Z3', 'N6'], 'permit');
    expect(entriesOf<Consent>(answer)[0]?.category[0]?.coding?.[0]?.code).toBe('GGC002');
    expect(verdict(await chosen(['J8', 'L1'], 'clear'))).toBe('200');
  });
});

/** The next version of the catalogue: nobody is asked about mental healthcare as a holder any more. */
function withoutMentalHealthcare(): readonly unknown[] {
  const files = new Files();
  for (const resource of files.resources) resource.version = '3960101';
  const dropped = 'GGZ';
  const holders = files.get('CodeSystem', 'holder-category');
  holders.concept = holders.concept.filter(({ code }) => code !== dropped);
  const questions = files.get('CodeSystem', 'consent-question');
  questions.concept = questions.concept.filter(
    ({ property = [] }) => !property.some(({ valueCoding }) => valueCoding.code === dropped),
  );
  for (const row of files.rows('organisation-type-holder-category')) {
    if (row.target.some(({ code }) => code === dropped)) row.target = [{ equivalence: 'unmatched' }];
  }
  return files.resources;
}
