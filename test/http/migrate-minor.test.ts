import { useTestServer } from '../setup/test-server.ts';
import * as family from './family.ts';
import { migrate, migrated, outcomesOf } from './migrating.ts';
import { GP, HOSPITAL, PHARMACY } from './people.ts';
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

  it('stays waiting from 16 when it is brought again, and counts when it is something else', async () => {
    const bsn = await child();
    await bring(bsn, { permit: ['RPZAC005'] });
    await family.turnSixteen(server(), bsn);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 unchanged']);
    expect(await reasonOf(bsn)).toBe('minor-unconfirmed');
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] })).toEqual(['201 created']);
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-given');
  });
});
