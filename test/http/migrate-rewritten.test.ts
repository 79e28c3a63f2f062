import { useTestServer } from '../setup/test-server.ts';
import * as family from './family.ts';
import { migrate, migrated, outcomesOf, patientOf } from './migrating.ts';
import { GP, HOSPITAL, PHARMACY, POST } from './people.ts';
import { URA_SYSTEM } from './resources.ts';
import { inOwnWords, migratedConsents, patchInOwnWords, put } from './rewriting-migrated.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();

const reasonOf = async (bsn: string, requester = PHARMACY): Promise<string> =>
  (await family.decided(server(), bsn, { requester })).split(' ')[1] ?? '';
const bring = async (bsn: string, brought: Parameters<typeof migrated>[1]) =>
  outcomesOf(await migrate(server(), [migrated(bsn, brought)]));
const clear = (bsn: string, ...codes: string[]) =>
  family.choose(
    server(),
    bsn,
    ...codes.map((code) => [
      { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: GP } },
      { name: 'requesterCategory', valueCode: code },
      { name: 'decision', valueCode: 'clear' },
    ]),
  );

const ways = [
  ['an update', (bsn: string, consent: never) => put(server(), bsn, consent, inOwnWords(consent))],
  ['a patch', (bsn: string, consent: never) => patchInOwnWords(server(), bsn, consent)],
] as const;

describe('what a citizen wrote into a migrated Consent', () => {
  it.each(ways)('with %s is the citizen’s from then on, and no migration writes over it', async (_way, write) => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005'] });
    const [before] = await migratedConsents(server(), bsn);
    const written = await write(bsn, before as never);
    expect([written.status, await reasonOf(bsn)]).toEqual([200, 'consent-refused']);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    expect(await bring(bsn, { permit: ['RPZAC001'] })).toEqual(['201 created']);
    expect(await bring(bsn, { permit: ['RPZAC001', 'RPZAC005'] })).toEqual(['200 unchanged']);
    expect([await reasonOf(bsn), await reasonOf(bsn, POST)]).toEqual(['consent-refused', 'consent-given']);
    const own = await server().fhir(`/Consent/${before?.id ?? ''}`, { as: `citizen:${bsn}` });
    expect(own.body).toEqual(written.body);
  });

  it('does not give way to what was migrated when it is cleared', async () => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] });
    const [before] = await migratedConsents(server(), bsn);
    await put(server(), bsn, before as never, inOwnWords(before as never));
    await bring(bsn, { permit: ['RPZAC001', 'RPZAC005'] });
    await clear(bsn, 'RPZAC005', 'RPZAC104');
    expect(await bring(bsn, { permit: ['RPZAC001', 'RPZAC005', 'RPZAC104'] })).toEqual(['200 unchanged']);
    expect([await reasonOf(bsn), await reasonOf(bsn, HOSPITAL)]).toEqual(['no-consent', 'no-consent']);
  });

  it('under 16 keeps waiting, its no in force', async () => {
    const bsn = await family.child(server());
    await subscribe(server(), bsn, GP);
    await family.choose(server(), bsn, family.said('permit'));
    await family.settle(server(), bsn, await family.parent(server()));
    await bring(bsn, { permit: ['RPZAC104'] });
    const [before] = await migratedConsents(server(), bsn);
    expect((await put(server(), bsn, before as never, inOwnWords(before as never))).status).toBe(200);
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-refused');
    expect(await bring(bsn, { permit: ['RPZAC104', 'RPZAC001'] })).toEqual(['201 created']);
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-refused');
  });

  it('may be about a place that later was migrated again elsewhere: clearing it brings nothing back', async () => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] });
    await family.choose(server(), bsn, family.said('deny'));
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC001'] })).toEqual(['201 created']);
    await family.choose(server(), bsn, family.said('clear'));
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC001'] })).toEqual(['200 unchanged']);
    expect(await reasonOf(bsn)).toBe('no-consent');
  });
});

describe('what was taken back', () => {
  it('of an earlier of several migrated Consents does not return', async () => {
    const bsn = await family.child(server());
    await subscribe(server(), bsn, GP);
    await bring(bsn, { permit: ['RPZAC005'] });
    await family.settle(server(), bsn, await family.parent(server()));
    expect(await reasonOf(bsn)).toBe('consent-given');
    expect(await bring(bsn, { permit: ['RPZAC104'] })).toEqual(['201 created']);
    await clear(bsn, 'RPZAC005');
    expect(await reasonOf(bsn)).toBe('no-consent');
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    await family.turnSixteen(server(), bsn);
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC001'] })).toEqual(['201 created']);
    expect([await reasonOf(bsn), await reasonOf(bsn, POST)]).toEqual(['no-consent', 'consent-given']);
  });
});
