import type { Consent } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { partsOf } from './answers.ts';
import { askedOf, decided, granted, instant, spoken, termOf } from './emergency.ts';
import { freshBsn, freshUra, GP, HOSPITAL, LABORATORY, PHARMACY, POST } from './people.ts';
import { choice } from './questions.ts';
import { organization, TYPE_SYSTEM } from './resources.ts';

const server = useTestServer();
const SEVENTY_TWO_HOURS = 259_200_000;

const choose = (bsn: string, option: 'all' | 'none') =>
  server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, option) });

const register = (ura: string, type: string) =>
  server().fhir('/Organization', {
    as: 'admin',
    body: organization(ura, { type: [{ coding: [{ system: TYPE_SYSTEM, code: type }] }] }),
  });

describe('an emergency grant', () => {
  it('permits what nothing else does, names itself, and tells when it ends', async () => {
    const bsn = freshBsn();
    expect(await decided(server(), bsn)).toBe('deny no-consent');
    const { id, provision } = await granted(server(), bsn);
    const answer = await askedOf(server(), bsn);
    expect(spoken(answer)).toBe('permit emergency-grant');
    const { basedOn, nextChangeAt } = partsOf(answer);
    expect(basedOn?.valueReference?.reference).toBe(`Consent/${id}/_history/1`);
    expect(nextChangeAt?.valueInstant).toBe(provision?.period?.end);
  });

  it.each([
    [-1, 'deny no-consent'],
    [0, 'permit emergency-grant'],
    [SEVENTY_TWO_HOURS - 1, 'permit emergency-grant'],
    [SEVENTY_TWO_HOURS, 'deny no-consent'],
    [SEVENTY_TWO_HOURS + 1, 'deny no-consent'],
  ])('%i milliseconds after its recording: %s', async (after, expected) => {
    const bsn = freshBsn();
    const { start } = termOf(await granted(server(), bsn));
    // Before, nobody was registered here: the types are those of the question.
    const types = { holderType: 'Z3', requesterType: 'N6' };
    expect(await decided(server(), bsn, { ...types, at: instant(start + after) })).toBe(expected);
  });

  it('begins at its recording by the database’s clock and lasts exactly 259,200 seconds', async () => {
    const clock = async () => {
      const { rows } = await server().database.database.query<{ now: number }>('select clock_timestamp() as now');
      return Math.floor(rows[0]?.now ?? 0);
    };
    const before = await clock();
    const recorded = await granted(server(), freshBsn());
    const { start, end } = termOf(recorded);
    expect(start).toBeGreaterThanOrEqual(before);
    expect(start).toBeLessThanOrEqual(await clock());
    expect(end - start).toBe(SEVENTY_TWO_HOURS);
    expect([recorded.meta?.lastUpdated, recorded.dateTime]).toEqual([instant(start), instant(start)]);
  });

  it.each([
    ['of all holders', []],
    ['of named holders', [GP, PHARMACY]],
  ])('%s is a Consent that our profile accepts, and says everything', async (_, holders) => {
    const bsn = freshBsn();
    const { id } = await granted(server(), bsn, { holders, agreed: 'unable', reason: 'Found unconscious' });
    const { body: recorded } = await server().fhir<Consent>(`/Consent/${id}`, { as: `citizen:${bsn}` });
    expect(validate(server().server.register.conformance, 'Consent', recorded)).toEqual([]);
    const patient = recorded.patient?.reference;
    expect(patient).toMatch(/^Patient\//);
    expect(recorded).toMatchObject({
      status: 'active',
      performer: [{ reference: patient }],
      organization: [{ reference: expect.stringMatching(/^Organization\//) as string }],
      category: [{ coding: [{ code: 'GGC002' }] }],
      provision: {
        type: 'deny',
        provision: [{ type: 'permit', actor: [{ reference: { identifier: { value: POST } } }] }],
      },
    });
    expect(recorded.provision?.actor?.map(({ reference }) => reference.identifier?.value) ?? []).toEqual(holders);
    const said = recorded.extension?.map(({ valueCode, valueString }) => valueCode ?? valueString);
    expect(said).toEqual(['emergency', '3960100', 'unable', 'Found unconscious']);
  });

  it('makes a Patient for a BSN that is not known yet, and none for one that is', async () => {
    const bsn = freshBsn();
    const { patient } = await granted(server(), bsn);
    const own = await server().fhir<Consent>(`/${patient?.reference ?? ''}`, { as: `citizen:${bsn}` });
    expect(own).toMatchObject({ status: 200, body: { resourceType: 'Patient' } });
    expect((await granted(server(), bsn)).patient).toEqual(patient);
  });
});

describe('whom a grant is for', () => {
  it('of all holders: every holder, within the data of its row', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn);
    for (const holder of [GP, HOSPITAL, PHARMACY, LABORATORY]) {
      expect(await decided(server(), bsn, { holder })).toBe('permit emergency-grant');
    }
    expect(await decided(server(), bsn, { holder: PHARMACY, dataCategory: 'GGC002' })).toMatch(/^deny/);
  });

  it('of named holders: those and no others', async () => {
    const bsn = freshBsn();
    await granted(server(), bsn, { holders: [GP, PHARMACY] });
    const answers = [];
    for (const holder of [GP, PHARMACY, HOSPITAL]) answers.push(await decided(server(), bsn, { holder }));
    expect(answers).toEqual(['permit emergency-grant', 'permit emergency-grant', 'deny no-consent']);
  });

  it('is the organisation that recorded it, and no other of its category or type', async () => {
    const [bsn, otherPost] = [freshBsn(), freshUra()];
    await register(otherPost, 'N6');
    await granted(server(), bsn);
    for (const requester of [otherPost, HOSPITAL, LABORATORY]) {
      expect(await decided(server(), bsn, { requester })).toBe('deny no-consent');
    }
    expect(await decided(server(), bsn)).toBe('permit emergency-grant');
  });

  it('is another citizen in no case', async () => {
    await granted(server(), freshBsn());
    expect(await decided(server(), freshBsn())).toBe('deny no-consent');
  });
});

describe('a grant beside the answers of the citizen', () => {
  it.each([
    ['unable', 'none', 'deny consent-refused'],
    ['agreed', 'none', 'permit emergency-grant'],
    ['unable', 'all', 'permit emergency-grant'],
    ['agreed', 'all', 'permit emergency-grant'],
  ] as const)('%s, against the choice %s: %s', async (agreed, option, expected) => {
    const bsn = freshBsn();
    await choose(bsn, option);
    await granted(server(), bsn, { agreed });
    expect(await decided(server(), bsn)).toBe(expected);
  });

  it('stays when the citizen chooses none afterwards, unless nobody could ask them', async () => {
    const [asked, unasked] = [freshBsn(), freshBsn()];
    await granted(server(), asked, { agreed: 'agreed' });
    await granted(server(), unasked, { agreed: 'unable' });
    for (const bsn of [asked, unasked]) expect((await choose(bsn, 'none')).status).toBe(200);
    expect(await decided(server(), asked)).toBe('permit emergency-grant');
    expect(await decided(server(), unasked)).toBe('deny consent-refused');
  });
});
