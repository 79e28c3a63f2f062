import { useTestServer } from '../setup/test-server.ts';
import * as family from './family.ts';
import { verdict } from './answers.ts';
import { settle } from './citizens.ts';
import { migrate, migrated, outcomesOf, patientOf } from './migrating.ts';
import { GP, HOSPITAL, PHARMACY, POST } from './people.ts';
import { patient } from './resources.ts';
import { migratedConsents, put } from './rewriting-migrated.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();

async function child(): Promise<string> {
  const bsn = await family.child(server());
  await subscribe(server(), bsn, GP);
  return bsn;
}

const reasonOf = async (bsn: string, requester = PHARMACY): Promise<string> =>
  (await family.decided(server(), bsn, { requester })).split(' ')[1] ?? '';
const bring = async (bsn: string, brought: Parameters<typeof migrated>[1]) =>
  outcomesOf(await migrate(server(), [migrated(bsn, brought)]));
const statusesOf = async (bsn: string) => (await family.consentsOf(server(), bsn)).map(({ status }) => status).sort();

describe('what is migrated for a citizen under 16', () => {
  it('waits for a parent, and counts once it is confirmed', async () => {
    const bsn = await child();
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['201 created']);
    expect([await statusesOf(bsn), await reasonOf(bsn)]).toEqual([['proposed'], 'minor-unconfirmed']);
    await family.settle(server(), bsn, await family.parent(server()));
    expect([await statusesOf(bsn), await reasonOf(bsn)]).toEqual([['active'], 'consent-given']);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 unchanged']);
  });

  it('counts at once when it is a no, which only a parent takes back', async () => {
    const bsn = await child();
    await bring(bsn, { deny: ['RPZAC005'] });
    expect(await reasonOf(bsn)).toBe('consent-refused');
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['409 refusal-needs-parent']);
    expect(await reasonOf(bsn)).toBe('consent-refused');
  });

  it('stands as it was confirmed while other answers wait', async () => {
    const bsn = await child();
    await bring(bsn, { permit: ['RPZAC005'] });
    await family.settle(server(), bsn, await family.parent(server()));
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] })).toEqual(['201 created']);
    expect(await statusesOf(bsn)).toEqual(['active', 'proposed']);
    expect([await reasonOf(bsn), await reasonOf(bsn, HOSPITAL)]).toEqual(['consent-given', 'minor-unconfirmed']);
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] })).toEqual(['200 unchanged']);
    await family.settle(server(), bsn, await family.parent(server()));
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-given');
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] })).toEqual(['200 unchanged']);
  });

  it('does not come back when a parent has rejected it', async () => {
    const bsn = await child();
    await bring(bsn, { permit: ['RPZAC005'] });
    await family.settle(server(), bsn, await family.parent(server()), 'reject');
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    expect(await reasonOf(bsn)).toBe('no-consent');
  });

  it('never replaces what the child proposes', async () => {
    const bsn = await child();
    await family.choose(server(), bsn, family.said('permit'));
    expect(await bring(bsn, { deny: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    expect(await reasonOf(bsn)).toBe('minor-unconfirmed');
  });

  it.each([
    ['their 16th birthday', (bsn: string) => family.turnSixteen(server(), bsn)],
    ['saying that they are older', (bsn: string) => family.sayAge(server(), bsn, '18-or-older')],
  ])('is the citizen’s alone to confirm after %s, whatever is brought along beside it', async (_how, grow) => {
    const bsn = await patientOf(server());
    await family.sayAge(server(), bsn, '12-15');
    if (_how.includes('birthday')) await subscribe(server(), bsn, GP, { birthDate: family.bornYearsAgo(14) });
    await bring(bsn, { permit: ['RPZAC005'], deny: ['RPZAC001'] });
    await grow(bsn);
    expect(await bring(bsn, { permit: ['RPZAC005'], deny: ['RPZAC001'] })).toEqual(['200 unchanged']);
    expect(await bring(bsn, { permit: ['RPZAC001'] })).toEqual(['200 skipped-citizen-decided']);
    const more = { permit: ['RPZAC005', 'RPZAC104', 'RPZAC001'] };
    expect(await bring(bsn, more)).toEqual(['201 created']);
    expect(await bring(bsn, more)).toEqual(['200 unchanged']);
    expect(await statusesOf(bsn)).toEqual(['active', 'proposed']);
    const reasons = [await reasonOf(bsn), await reasonOf(bsn, HOSPITAL), await reasonOf(bsn, POST)];
    expect(reasons).toEqual(['minor-unconfirmed', 'consent-given', 'consent-refused']);
    const [waiting] = (await migratedConsents(server(), bsn)).filter(({ status }) => status === 'proposed');
    await put(server(), bsn, waiting as never, { ...(waiting as never as object), status: 'active' } as never);
    expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('keeps from 16 what a parent confirmed, when others are migrated while a proposal of it waits', async () => {
    const bsn = await child();
    await bring(bsn, { permit: ['RPZAC005'] });
    await family.settle(server(), bsn, await family.parent(server()));
    await bring(bsn, { permit: ['RPZAC005', 'RPZAC001'] });
    await family.turnSixteen(server(), bsn);
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC001', 'RPZAC104'] })).toEqual(['201 created']);
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC001', 'RPZAC104'] })).toEqual(['200 unchanged']);
    const reasons = [await reasonOf(bsn), await reasonOf(bsn, HOSPITAL), await reasonOf(bsn, POST)];
    expect(reasons).toEqual(['consent-given', 'consent-given', 'minor-unconfirmed']);
  });
});

describe('what was migrated for a citizen who turns out to be under 16', () => {
  const passed = (bsn: string) => subscribe(server(), bsn, GP, { birthDate: family.bornYearsAgo(14) });
  const own = async (bsn: string) => {
    const reference = await family.patientOf(server(), bsn);
    const body = { ...patient(bsn, { birthDate: family.bornYearsAgo(14) }), id: reference.split('/')[1] };
    expect((await server().fhir(`/${reference}`, { method: 'PUT', as: `citizen:${bsn}`, body })).status).toBe(200);
  };

  it.each([
    ['a provider’s birth date', passed],
    ['their own birth date', own],
    ['their settings', (bsn: string) => family.sayAge(server(), bsn, '12-15')],
  ])('by %s waits for a parent, and its no counts on', async (_how, turnsOut) => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005'], deny: ['RPZAC104'] });
    await turnsOut(bsn);
    expect([await statusesOf(bsn), await reasonOf(bsn)]).toEqual([['proposed'], 'minor-unconfirmed']);
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-refused');
    expect(await bring(bsn, { permit: ['RPZAC005'], deny: ['RPZAC104'] })).toEqual(['200 unchanged']);
    await family.settle(server(), bsn, await family.parent(server()));
    expect([await reasonOf(bsn), await reasonOf(bsn, HOSPITAL)]).toEqual(['consent-given', 'consent-refused']);
  });

  it('stays when a parent confirmed it', async () => {
    const bsn = await patientOf(server());
    await family.sayAge(server(), bsn, '12-15');
    await bring(bsn, { permit: ['RPZAC005'] });
    await family.settle(server(), bsn, await family.parent(server()));
    await passed(bsn);
    expect([await statusesOf(bsn), await reasonOf(bsn)]).toEqual([['active'], 'consent-given']);
  });

  it('waits with the citizen’s own choice, which counts before it, whichever came first', async () => {
    const bsn = await patientOf(server());
    await family.choose(server(), bsn, family.said('permit'));
    await bring(bsn, { permit: ['RPZAC104'] });
    const refused = await settle(server(), bsn, { ageGroup: '12-15' });
    expect(verdict(refused)).toBe('409 choices-stand');
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-given');
    await passed(bsn);
    expect([await statusesOf(bsn), await reasonOf(bsn)]).toEqual([['proposed', 'proposed'], 'minor-unconfirmed']);
    expect(await reasonOf(bsn, HOSPITAL)).toBe('minor-unconfirmed');
  });
});
