import { randomUUID } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { insertConsent } from '../../src/storage/consent.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { resultsOf, verdict } from './answers.ts';
import { granted } from './emergency.ts';
import { logged, namedRequest } from './ledger.ts';
import { type Located, locationsIn, openQuestion, register } from './locating.ts';
import { freshBsn, freshUra, GP, HOSPITAL, LABORATORY, PHARMACY, POST, UNREGISTERED } from './people.ts';
import { batchOf, questionOf } from './questions.ts';
import { organization, TYPE_SYSTEM } from './resources.ts';
import { anyChoice, type Choice } from './scenarios-arbitrary.ts';
import { choose } from './scenarios-record.ts';

const server = useTestServer();

const locate = (bsn: string, asked: Located = {}, as = 'exchange') =>
  server().fhir('/Consent/$locate', { as, body: openQuestion(bsn, asked) });

async function locations(bsn: string, asked: Located = {}, as = 'exchange'): Promise<string[]> {
  const answer = await locate(bsn, asked, as);
  expect(answer.status).toBe(200);
  return locationsIn(answer);
}

const toHospitals = (holderCategory: string, decision: 'permit' | 'deny') =>
  ({ holderCategory, requesterCategory: ['RPZAC104'], decision }) as const;

/** Holders of every kind of row, registered in the sandbox. */
const HOLDERS = [
  [GP, 'Z3'],
  [PHARMACY, 'J8'],
  [LABORATORY, 'L1'],
  [HOSPITAL, 'V4'],
  [POST, 'N6'],
] as const;

describe('a holder is located', () => {
  it('exactly when it is subscribed and its answer is yes, with the data it may share', async () => {
    const bsn = freshBsn();
    for (const [ura, holderType] of HOLDERS.slice(0, 3)) await register(server(), { bsn, ura, holderType });
    const answers = [toHospitals('HA', 'permit'), toHospitals('APO', 'permit'), toHospitals('ZKH', 'permit')];
    await choose(server(), bsn, { option: 'certain', answers: [...answers, toHospitals('LAB', 'deny')] });
    expect(await locations(bsn)).toEqual(['00000659 Z3 GGC002 GGC012 GGC013', '00014332 J8 GGC013']);
    expect(await locations(bsn, {}, 'hospital')).toEqual(await locations(bsn));
    expect(await locations(bsn, { requester: POST })).toEqual([]);
  });

  it('with the data that was asked for only', async () => {
    const bsn = freshBsn();
    for (const [ura, holderType] of HOLDERS) await register(server(), { bsn, ura, holderType });
    await choose(server(), bsn, { option: 'all' });
    expect(await locations(bsn, { dataCategory: ['GGC012'] })).toEqual([
      '00000659 Z3 GGC012',
      '90000382 L1 GGC012',
      '00005098 V4 GGC012',
      '00000666 N6 GGC012',
    ]);
    expect(await locations(bsn, { requester: UNREGISTERED, requesterType: 'J8', dataCategory: ['GGC013'] })).toEqual([
      '00000659 Z3 GGC013',
      '00014332 J8 GGC013',
      '00005098 V4 GGC013',
      '00000666 N6 GGC013',
    ]);
  });

  it('once for each gateway it is reached through', async () => {
    const bsn = freshBsn();
    const [first, second, source] = ['urn:oid:2.16.840.1.113883.2.4.6.6.1', 'urn:oid:1.2.3', 'urn:oid:1.2.4'];
    await register(server(), { bsn, ura: GP, holderType: 'Z3', gatewaySystem: first, sourceSystem: source });
    await register(server(), { bsn, ura: GP, holderType: 'Z3', gatewaySystem: second });
    await choose(server(), bsn, { option: 'all' });
    expect(await locations(bsn, { dataCategory: ['GGC002'] })).toEqual([
      `00000659 Z3 GGC002 ${first} ${source}`,
      `00000659 Z3 GGC002 ${second}`,
    ]);
  });

  it('by an emergency grant too, as long as it runs', async () => {
    const bsn = freshBsn();
    await register(server(), { bsn, ura: GP, holderType: 'Z3' });
    await granted(server(), bsn, { holders: [GP] });
    expect(await locations(bsn, { requester: POST })).toEqual(['00000659 Z3 GGC002 GGC012 GGC013']);
    expect(await locations(bsn, { requester: HOSPITAL })).toEqual([]);
  });
});

describe('nothing is located, in the same words,', () => {
  const EMPTY = { resourceType: 'Parameters' };

  it('when nobody consented, and when nobody is known', async () => {
    const subscribed = freshBsn();
    for (const [ura, holderType] of HOLDERS) await register(server(), { bsn: subscribed, ura, holderType });
    const consented = freshBsn();
    await choose(server(), consented, { option: 'all' });
    for (const bsn of [subscribed, consented, freshBsn()]) {
      expect(await locate(bsn)).toMatchObject({ status: 200, body: EMPTY });
      expect((await locate(bsn)).body).toEqual(EMPTY);
    }
  });

  it('for a requester outside care, whatever was chosen', async () => {
    const bsn = freshBsn();
    for (const [ura, holderType] of HOLDERS) await register(server(), { bsn, ura, holderType });
    await choose(server(), bsn, { option: 'all' });
    const asked = openQuestion(bsn, { requester: UNREGISTERED });
    const system = 'https://akkoord.example/fhir/CodeSystem/outside-care-type';
    const requesterType = { name: 'requesterType', valueCoding: { system, code: 'insurer' } };
    const body = { ...asked, parameter: [...asked.parameter, requesterType] };
    expect((await server().fhir('/Consent/$locate', { as: 'exchange', body })).body).toEqual(EMPTY);
  });

  it('when a stored consent cannot be read', async () => {
    const bsn = freshBsn();
    await register(server(), { bsn, ura: GP, holderType: 'Z3' });
    await choose(server(), bsn, { option: 'all' });
    expect(await locations(bsn)).not.toEqual([]);
    const { database, vault } = server().server.register;
    const version = { id: randomUUID(), recordedAt: Date.now(), content: {}, search: {} };
    await insertConsent(database, { ...version, patientKey: vault.keyOf(bsn), status: 'active', rule: { v: 2 } });
    expect(await locations(bsn)).toEqual([]);
  });

  it('of an organisation that is no longer registered with the type it subscribed as', async () => {
    const [bsn, ura] = [freshBsn(), freshUra()];
    const created = await server().fhir<{ id: string }>('/Organization', { as: 'admin', body: organization(ura) });
    await register(server(), { bsn, ura, holderType: 'Z3' });
    await choose(server(), bsn, { option: 'all' });
    expect(await locations(bsn, { dataCategory: ['GGC002'] })).toEqual([`${ura} Z3 GGC002`]);
    const changed = {
      ...organization(ura, { type: [{ coding: [{ system: TYPE_SYSTEM, code: 'J8' }] }] }),
      id: created.body.id,
    };
    expect(
      await server().fhir(`/Organization/${changed.id}`, { as: 'admin', method: 'PUT', body: changed }),
    ).toMatchObject({ status: 200 });
    expect(await locations(bsn)).toEqual([]);
  });
});

describe('an open question is refused', () => {
  it.each<[string, string, Located, string]>([
    ['a holder asks for another', 'gp', {}, '403 not-own-organization'],
    ['an auditor asks', 'auditor', {}, '403 not-permitted'],
    ['the type is not a registered one', 'exchange', { requesterType: 'J8' }, '422 type-contradicts-registry'],
    ['the type of a stranger is missing', 'exchange', { requester: UNREGISTERED }, '422 type-required'],
    ['the type is unknown', 'exchange', { requesterType: 'ZZZ' }, '422 unknown-requester-type'],
    ['a category is unknown', 'exchange', { dataCategory: ['GGC999'] }, '422 unknown-data-category'],
    ['a category is asked twice', 'exchange', { dataCategory: ['GGC002', 'GGC002'] }, '400 data-category-repeated'],
  ])('when %s', async (_when, as, asked, expected) => {
    expect(verdict(await locate(freshBsn(), asked, as))).toBe(expected);
  });
});

describe('the log of an open question', () => {
  it('says to the citizen who asked and whom it found', async () => {
    const [bsn, request] = [freshBsn(), namedRequest()];
    await register(server(), { bsn, ura: GP, holderType: 'Z3' });
    await choose(server(), bsn, { option: 'all' });
    const body = openQuestion(bsn, { requester: HOSPITAL });
    await server().fhir('/Consent/$locate', { as: 'hospital', body, headers: request.headers });
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    expect(await logged(server(), request.id)).toMatchObject([
      {
        interaction: 'Consent.locate',
        outcome: '0',
        client: 'hospital',
        about,
        detail: { located: [GP], check: { requester: { ura: HOSPITAL, type: 'V4' } } },
      },
    ]);
  });

  it('holds the refused question too', async () => {
    const [bsn, request] = [freshBsn(), namedRequest()];
    const body = openQuestion(bsn, { requester: HOSPITAL });
    await server().fhir('/Consent/$locate', { as: 'gp', body, headers: request.headers });
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    expect(await logged(server(), request.id)).toMatchObject([
      { interaction: 'Consent.locate', outcome: '4', client: 'gp', about, detail: { problem: 'not-own-organization' } },
    ]);
  });
});

const REQUESTERS = [
  [POST, 'N6'],
  [PHARMACY, 'J8'],
  [HOSPITAL, 'V4'],
  [LABORATORY, 'L1'],
  [UNREGISTERED, 'J8'],
] as const;
const CATEGORIES = ['GGC002', 'GGC012', 'GGC013'];

interface RandomRegister {
  readonly subscribed: readonly (readonly [ura: string, type: string])[];
  readonly choices: readonly Choice[];
  readonly emergency: boolean;
}

const anyRegister: fc.Arbitrary<RandomRegister> = fc.record({
  subscribed: fc.subarray([...HOLDERS, [UNREGISTERED, 'Z3'] as const]),
  choices: fc.array(anyChoice, { maxLength: 3 }),
  emergency: fc.boolean(),
});

describe('every holder that is located permits when it is checked, and every subscribed holder that permits is located', () => {
  it(
    'in random registers',
    async () => {
      await fc.assert(fc.asyncProperty(anyRegister, locateAndCheck), { numRuns: 30 });
    },
    LIMIT_MS,
  );
});

/** Asks the open question and every closed one, for each requester. */
async function locateAndCheck({ subscribed, choices, emergency }: RandomRegister): Promise<void> {
  const bsn = freshBsn();
  for (const [ura, holderType] of subscribed) await register(server(), { bsn, ura, holderType });
  for (const choice of choices) await choose(server(), bsn, choice);
  if (emergency) await granted(server(), bsn, {});
  for (const [requester, requesterType] of REQUESTERS) {
    const found = await locations(bsn, { requester, requesterType });
    expect([...found].sort()).toEqual((await permitted(bsn, subscribed, requester, requesterType)).sort());
  }
}

/** The locations there must be, from one `$check` for every subscribed holder and category. */
async function permitted(
  bsn: string,
  subscribed: RandomRegister['subscribed'],
  requester: string,
  requesterType: string,
): Promise<string[]> {
  if (subscribed.length === 0) return [];
  const cells = subscribed.flatMap((holder) => CATEGORIES.map((dataCategory) => ({ holder, dataCategory })));
  const questions = cells.map(({ holder: [holder, holderType], dataCategory }) =>
    questionOf(bsn, { holder, holderType, requester, requesterType, dataCategory }),
  );
  const answer = await server().fhir<Bundle>('/Consent/$check', { as: 'exchange', body: batchOf(questions) });
  const permits = resultsOf(answer).map(({ decision }) => decision?.valueCode === 'permit');
  return subscribed.flatMap((holder) => {
    const categories = cells.flatMap((cell, at) => (cell.holder === holder && permits[at] ? [cell.dataCategory] : []));
    return categories.length === 0 ? [] : [[...holder, ...categories].join(' ')];
  });
}
