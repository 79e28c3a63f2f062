import type { Consent } from '@medplum/fhirtypes';
import type { ChosenAnswer, Step } from '../decision/case.ts';
import { BSN_SYSTEM } from '../../src/fhir/identifiers.ts';
import { findPatients, PATIENT } from '../../src/storage/patient.ts';
import { updateResource } from '../../src/storage/versioned.ts';
import { useTestServer } from '../setup/test-server.ts';
import { answersIn } from './scenarios-answer.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { checkParameters } from './scenarios-parameters.ts';
import { applyGiven, choose } from './scenarios-record.ts';
import { secondOpinion } from './scenarios-second-opinion.ts';

const server = useTestServer();
const question = { holder: { ura: '00000659', type: 'Z3' }, requester: { ura: '00014332', type: 'J8' } };
const answer = (decision: ChosenAnswer['decision']): ChosenAnswer => ({
  holderCategory: 'HA',
  requesterCategory: ['RPZAC005'],
  decision,
});

/** What a parent has confirmed. */
const confirmed = (decision: 'permit' | 'deny'): Step => ({
  called: 'confirmed',
  answer: {
    holderCategory: 'HA',
    requesterCategory: 'RPZAC005',
    decision,
    origin: 'portal',
    confirmation: 'confirmed',
  },
});

describe('scenario 19: a citizen under 16', () => {
  it('proposes a yes, which does not count before a parent confirms it', async () => {
    const bsn = await born({ years: 14 });
    const consents = await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    expect(statusesOf(consents)).toEqual(['proposed']);
    expect(await ask(bsn)).toMatchObject({
      decision: 'deny',
      reason: 'minor-unconfirmed',
      basedOn: [reference(consents)],
    });
  });

  it('says no at once', async () => {
    const bsn = await born({ years: 14 });
    const consents = await choose(server(), bsn, { option: 'certain', answers: [answer('deny')] });
    expect(statusesOf(consents)).toEqual(['proposed']);
    expect(await ask(bsn)).toMatchObject({
      decision: 'deny',
      reason: 'consent-refused',
      basedOn: [reference(consents)],
    });
  });

  it('turns the own waiting yes into a no, which then stays until a parent confirms otherwise', async () => {
    const bsn = await born({ years: 14 });
    await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    await choose(server(), bsn, { option: 'none' });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'consent-refused' });
    await choose(server(), bsn, { option: 'all' });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'minor-unconfirmed' });
    await choose(server(), bsn, { option: 'certain', answers: [answer('clear')] });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'consent-refused' });
  });

  it('clears the own waiting yes', async () => {
    const bsn = await born({ years: 14 });
    await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    await choose(server(), bsn, { option: 'certain', answers: [answer('clear')] });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'no-consent', basedOn: [] });
  });

  it('says no to everything at once, also where a parent confirmed a yes for one practice', async () => {
    const bsn = await born({ years: 14 });
    const own = { holder: '00000659', requesterCategory: 'RPZAC005', decision: 'permit', origin: 'portal' } as const;
    await applyGiven(server(), bsn, [{ called: 'own practice', answer: { ...own, confirmation: 'confirmed' } }]);
    expect(await ask(bsn)).toMatchObject({ decision: 'permit' });
    await choose(server(), bsn, { option: 'none' });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'consent-refused' });
  });

  it('is refused until a parent confirms the yes that follows a waiting no', async () => {
    const bsn = await born({ years: 14 });
    await applyGiven(server(), bsn, [confirmed('permit')]);
    expect(await ask(bsn)).toMatchObject({ decision: 'permit', reason: 'consent-given' });
    await choose(server(), bsn, { option: 'certain', answers: [answer('deny')] });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'consent-refused' });
    await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'minor-unconfirmed' });
  });

  it('is the child of the sandbox too, until that turns 16', async () => {
    const isChild = dateIn({ years: 0 }) < '2028-03-07';
    const consents = await choose(server(), '999999011', { option: 'all' });
    expect(new Set(statusesOf(consents))).toEqual(new Set([isChild ? 'proposed' : 'active']));
  });
});

describe('scenario 20: the 16th birthday', () => {
  it('makes a choice count at once, without a parent', async () => {
    const bsn = await born({ years: 16 });
    const consents = await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    expect(statusesOf(consents)).toEqual(['active']);
    expect(await ask(bsn)).toMatchObject({ decision: 'permit', reason: 'consent-given' });
  });

  it('is not two days before it', async () => {
    const bsn = await born({ years: 16, daysLater: 2 });
    const consents = await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    expect(statusesOf(consents)).toEqual(['proposed']);
  });

  it('is at the end of a year of which nothing more is known', async () => {
    const bsn = await born({ years: 16 }, 'yyyy'.length);
    const isLastDay = dateIn({ years: 0 }).endsWith('-12-31');
    const consents = await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    expect(statusesOf(consents)).toEqual([isLastDay ? 'active' : 'proposed']);
  });

  it('leaves what was proposed before it waiting', async () => {
    const bsn = await born({ years: 16, daysLater: 2 });
    await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    await turnSixteen(bsn);
    expect(await ask(bsn)).toMatchObject({ decision: 'deny', reason: 'minor-unconfirmed' });
    await choose(server(), bsn, { option: 'certain', answers: [answer('permit')] });
    expect(await ask(bsn)).toMatchObject({ decision: 'permit', reason: 'consent-given' });
  });
});

interface Age {
  readonly years: number;
  readonly daysLater?: number;
}

/** The day so many years ago, by the calendar of Amsterdam. */
function dateIn({ years, daysLater = 0 }: Age): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Amsterdam', dateStyle: 'short' });
  const [year = '', month = '', date = ''] = day.format(Date.now() + daysLater * 86_400_000).split('-');
  return [String(Number(year) - years), month, date].join('-');
}

/** A citizen who made a Patient of themselves with this birth date, or with the first part of it. */
async function born(age: Age, length = 'yyyy-mm-dd'.length): Promise<string> {
  const bsn = freshCitizen();
  const body = patient(bsn, dateIn(age).slice(0, length));
  const { status } = await server().fhir('/Patient', { as: `citizen:${bsn}`, body });
  expect(status).toBe(201);
  return bsn;
}

/** Lets time pass: a birth date, once given, is fixed for everyone, so the register is changed beneath the server. */
async function turnSixteen(bsn: string): Promise<void> {
  const { database, vault } = server().server.register;
  const [row] = await findPatients(database, [vault.keyOf(bsn)]);
  const content = { ...row?.content, birthDate: dateIn({ years: 16 }) };
  const version = { id: row?.id ?? '', recordedAt: Date.now(), content, search: {}, method: 'update' } as const;
  expect(await updateResource(database, PATIENT, version, [])).toBeDefined();
}

function patient(bsn: string, birthDate: string) {
  return { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM, value: bsn }], birthDate };
}

/** What the exchange point is answered; the second evaluator must say the same. */
async function ask(bsn: string) {
  const body = checkParameters(server().server.register.catalogue, bsn, question);
  const answers = answersIn(await server().fhir('/Consent/$check', { as: 'exchange', body }));
  expect(await secondOpinion(server(), bsn, question)).toEqual(answers);
  return answers.get('');
}

function statusesOf(consents: readonly Consent[]): readonly string[] {
  return consents.map(({ status }) => status);
}

function reference([consent]: readonly Consent[]): string {
  return `Consent/${consent?.id ?? ''}/_history/${consent?.meta?.versionId ?? ''}`;
}
