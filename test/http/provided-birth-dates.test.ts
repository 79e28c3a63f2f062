import type { Patient, Subscription } from '@medplum/fhirtypes';
import { rotateVaults } from '../../src/notifications/rotate-vaults.ts';
import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { deleteAccount, settle, settled } from './citizens.ts';
import { bornYearsAgo, choose, citizenBorn, consentsOf, decided, parent, patientOf, said } from './family.ts';
import { settle as decideAs } from './family.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, GP, HOSPITAL, PHARMACY } from './people.ts';
import { patient } from './resources.ts';
import { birthDate as dated, freshEndpoint } from './subscription-bodies.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';

const server = useTestServer();

const ADULT = '1980-01-01';
const CHILD = bornYearsAgo(14);
const CLIENTS = { [GP]: 'gp', [HOSPITAL]: 'hospital', [PHARMACY]: 'pharmacy' };

/** Registers the citizen at each of these holders in turn, and returns the ids. */
async function registerAt(bsn: string, ...said: readonly (readonly [ura: string, birthDate?: string])[]) {
  const ids: string[] = [];
  for (const [ura, birthDate] of said) {
    ids.push(await subscribe(server(), bsn, ura, birthDate === undefined ? {} : { birthDate }));
  }
  return ids;
}

/** Changes what stands, and returns what the audit record of that change is flagged with. */
async function change(id: string, ura: keyof typeof CLIENTS, more: (now: Subscription) => Partial<Subscription>) {
  const as = CLIENTS[ura];
  const { body } = await server().fhir<Subscription>(`/Subscription/${id}`, { as });
  const { id: request, headers } = namedRequest();
  const changed = { ...body, ...more(body) };
  const { status } = await server().fhir(`/Subscription/${id}`, { method: 'PUT', as, headers, body: changed });
  expect(status).toBe(200);
  return (await logged(server(), request)).flatMap(({ detail }) => detail.flagged ?? []);
}

const movedTo = ({ channel }: Subscription) => ({ channel: { ...channel, endpoint: freshEndpoint() } });
const bornOn =
  (birthDate: string) =>
  ({ extension = [] }: Subscription) => ({
    extension: [...extension.filter(({ url }) => url !== dated(birthDate).url), dated(birthDate)],
  });

async function bornAs(bsn: string): Promise<string | undefined> {
  const answer = await server().fhir<Patient>(`/${await patientOf(server(), bsn)}`, { as: `citizen:${bsn}` });
  return answer.body.birthDate;
}

/** Says yes once more: whether that counts at once is what the register knows of the age. */
async function chooses(bsn: string): Promise<string> {
  await choose(server(), bsn, said('permit'));
  return decided(server(), bsn);
}

const WAITS = 'deny minor-unconfirmed';
const COUNTS = 'permit consent-given';

describe('of the birth dates that several subscriptions bring', () => {
  const year = Number(bornYearsAgo(0).slice(0, 4)) - 15;

  it.each<[string, [string, string], string]>([
    ['the later of two', [ADULT, CHILD], CHILD],
    ['the later of two, whichever came first', [CHILD, ADULT], CHILD],
    ['an incomplete one as its latest day', [`${year}-11-30`, String(year)], String(year)],
    ['an incomplete one that ends earlier does not', [`${year}-11-30`, `${year}-10`], `${year}-11-30`],
    ['of two that end on one day the complete one', [`${year}`, `${year}-12-31`], `${year}-12-31`],
  ])('the one by which the citizen is youngest counts: %s', async (_, [one, other], counts) => {
    const bsn = freshBsn();
    await registerAt(bsn, [GP, one], [HOSPITAL, other]);
    expect(await bornAs(bsn)).toBe(counts);
    expect(await chooses(bsn)).toBe(WAITS);
  });

  it('a second holder makes no adult of a child, and its date is flagged in the log', async () => {
    const bsn = freshBsn();
    await registerAt(bsn, [GP, CHILD], [HOSPITAL]);
    expect(await chooses(bsn)).toBe(WAITS);
    const [id = ''] = await registerAt(bsn, [HOSPITAL]);
    expect(await change(id, HOSPITAL, bornOn(ADULT))).toEqual(['birth-date-differs']);
    expect(await bornAs(bsn)).toBe(CHILD);
    expect(await chooses(bsn)).toBe(WAITS);
  });

  it('an earlier one does not come back with a change of anything else', async () => {
    const bsn = freshBsn();
    const [id = ''] = await registerAt(bsn, [HOSPITAL, ADULT], [GP, CHILD]);
    expect(await chooses(bsn)).toBe(WAITS);
    expect(await change(id, HOSPITAL, movedTo)).toEqual(['birth-date-differs']);
    expect(await bornAs(bsn)).toBe(CHILD);
    expect(await chooses(bsn)).toBe(WAITS);
  });

  it('one that agrees is not flagged', async () => {
    const bsn = freshBsn();
    const [id = ''] = await registerAt(bsn, [GP, CHILD], [HOSPITAL, CHILD]);
    expect(await change(id, GP, movedTo)).toEqual([]);
  });

  it('a later, younger one makes choices wait, and what a parent confirmed stays', async () => {
    const [free, confirmed] = [freshBsn(), freshBsn()];
    await registerAt(free, [GP, ADULT]);
    await registerAt(confirmed, [GP, CHILD]);
    expect(await chooses(free)).toBe(COUNTS);
    await choose(server(), confirmed, said('permit'));
    await decideAs(server(), confirmed, await parent(server()));
    for (const bsn of [free, confirmed]) await registerAt(bsn, [HOSPITAL, bornYearsAgo(13)]);
    expect([await decided(server(), free), await decided(server(), confirmed)]).toEqual([WAITS, COUNTS]);
    expect(await bornAs(free)).toBe(bornYearsAgo(13));
  });
});

describe('a provider that corrects its own birth date', () => {
  it('with a new version of its subscription makes older too, while nobody else says otherwise', async () => {
    const bsn = freshBsn();
    const [id = ''] = await registerAt(bsn, [GP, CHILD]);
    expect(await chooses(bsn)).toBe(WAITS);
    expect(await change(id, GP, bornOn(ADULT))).toEqual(['birth-date-replaced']);
    expect(await bornAs(bsn)).toBe(ADULT);
    expect(await decided(server(), bsn)).toBe(WAITS);
    expect(await chooses(bsn)).toBe(COUNTS);
  });

  it('leaves the youngest of what remains', async () => {
    const bsn = freshBsn();
    const [id = ''] = await registerAt(bsn, [GP, bornYearsAgo(13)], [HOSPITAL, CHILD], [PHARMACY, ADULT]);
    expect(await change(id, GP, bornOn(ADULT))).toEqual(['birth-date-replaced']);
    expect(await bornAs(bsn)).toBe(CHILD);
    expect(await chooses(bsn)).toBe(WAITS);
  });

  it('does not do so by ending its subscription, nor by sending it without one', async () => {
    const [ended, undated] = [freshBsn(), freshBsn()];
    for (const bsn of [ended, undated]) await registerAt(bsn, [GP, CHILD]);
    await unsubscribe(server(), ended, GP);
    await registerAt(undated, [GP]);
    for (const bsn of [ended, undated]) {
      await registerAt(bsn, [HOSPITAL, ADULT]);
      expect(await bornAs(bsn)).toBe(CHILD);
      expect(await chooses(bsn)).toBe(WAITS);
    }
  });

  it('replaces what only the citizen said, also by an earlier one', async () => {
    const bsn = await citizenBorn(server(), CHILD);
    await registerAt(bsn, [GP, ADULT]);
    expect(await bornAs(bsn)).toBe(ADULT);
  });
});

describe('a birth date that was passed is known after the account is deleted', () => {
  const register = async (bsn: string) => {
    await registerAt(bsn, [GP, CHILD]);
  };

  it.each<[string, (bsn: string) => Promise<unknown>]>([
    ['the subscription stands', () => Promise.resolve()],
    ['the subscription was ended', (bsn) => unsubscribe(server(), bsn, GP)],
    ['it was sent again without one', (bsn) => registerAt(bsn, [GP])],
    ['another holder said an earlier one', (bsn) => registerAt(bsn, [HOSPITAL, ADULT])],
    [
      'it was ended, and sealed again under other keys',
      async (bsn) => {
        await unsubscribe(server(), bsn, GP);
        const { database, holderVaults } = server().server.register;
        await rotateVaults(database, holderVaults);
      },
    ],
  ])('where %s', async (_, happens) => {
    const bsn = freshBsn();
    await register(bsn);
    await happens(bsn);
    expect((await deleteAccount(server(), bsn)).status).toBe(200);
    expect(verdict(await settle(server(), bsn, { ageGroup: '18-or-older' }))).toBe('422 age-group-locked');
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup: '12-15', fixed: true });
    const older = { as: `citizen:${bsn}`, body: patient(bsn, { birthDate: ADULT }) };
    expect(verdict(await server().fhir('/Patient', older))).toBe('422 birth-date-fixed');
    await registerAt(bsn, [PHARMACY]);
    expect(await chooses(bsn)).toBe(WAITS);
    expect((await consentsOf(server(), bsn)).map(({ status }) => status)).toEqual(['proposed']);
  });

  it('but not where the provider itself had corrected it', async () => {
    const bsn = freshBsn();
    const [id = ''] = await registerAt(bsn, [GP, CHILD]);
    await change(id, GP, bornOn(ADULT));
    await deleteAccount(server(), bsn);
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup: '18-or-older', fixed: true });
    expect(await chooses(bsn)).toBe(COUNTS);
  });

  it('and of nobody else', async () => {
    const [bsn, other] = [freshBsn(), freshBsn()];
    await register(bsn);
    await registerAt(other, [GP]);
    expect(await settled(server(), other)).toMatchObject({ fixed: false });
    expect(await chooses(other)).toBe(COUNTS);
  });
});

describe('the citizen lock and a birth date', () => {
  it('a locked citizen who turns out to be under 16 has choices that wait: the law of age records no choice', async () => {
    const bsn = await citizenBorn(server(), undefined);
    await choose(server(), bsn, said('permit'), said('deny', { requesterCategory: 'RPZAC104' }));
    await settled(server(), bsn, { locked: true });
    expect(await decided(server(), bsn)).toBe(COUNTS);
    await registerAt(bsn, [HOSPITAL, CHILD]);
    expect(await decided(server(), bsn)).toBe(WAITS);
    expect(await decided(server(), bsn, { requester: HOSPITAL })).toBe('deny consent-refused');
    expect((await consentsOf(server(), bsn)).map(({ status }) => status)).toEqual(['proposed']);
    expect(await settled(server(), bsn)).toMatchObject({ locked: true });
  });

  it('of one who is not under 16 by it nothing changes', async () => {
    const bsn = await citizenBorn(server(), undefined);
    await choose(server(), bsn, said('permit'));
    await settled(server(), bsn, { locked: true });
    const before = await consentsOf(server(), bsn);
    await registerAt(bsn, [HOSPITAL, bornYearsAgo(16)]);
    expect(await consentsOf(server(), bsn)).toEqual(before);
    expect(await decided(server(), bsn)).toBe(COUNTS);
  });
});
