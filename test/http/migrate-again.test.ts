import type { Consent } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { detailsOf, settled, toldBy, wholeLog } from './citizens.ts';
import * as family from './family.ts';
import { storedRows } from './ledger.ts';
import { lines, locationsOf, migrate, migrated, migrateLines, outcomesOf, patientOf } from './migrating.ts';
import { GP, HOSPITAL, PHARMACY, POST } from './people.ts';
import { choice } from './questions.ts';
import { URA_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();

const reasonOf = async (bsn: string, requester = PHARMACY): Promise<string> =>
  (await family.decided(server(), bsn, { requester })).split(' ')[1] ?? '';
const { said } = family;
const choose = (bsn: string, ...answers: object[][] | ['all'] | ['none']) => family.choose(server(), bsn, ...answers);
const bring = async (bsn: string, brought: Parameters<typeof migrated>[1]) =>
  outcomesOf(await migrate(server(), [migrated(bsn, brought)]));

/** The citizen speaks of the GP practice itself. */
const ofPractice = (decision: string, requesterCategory: string) => [
  { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: GP } },
  { name: 'requesterCategory', valueCode: requesterCategory },
  { name: 'decision', valueCode: decision },
];

describe('migrating again', () => {
  it('changes nothing when the answers are the same, in whatever order they stand', async () => {
    const bsn = await patientOf(server());
    const first = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005', 'RPZAC104'], deny: ['RPZAC001'] })]);
    const before = await storedRows(server());
    const again = await migrate(server(), [migrated(bsn, { deny: ['RPZAC001'], permit: ['RPZAC104', 'RPZAC005'] })]);
    expect(outcomesOf(again)).toEqual(['200 unchanged']);
    expect(locationsOf(again)).toEqual(locationsOf(first));
    expect(await storedRows(server())).toEqual(before);
  });

  it('records the next version of the same Consent when they differ', async () => {
    const bsn = await patientOf(server());
    const [first = ''] = locationsOf(await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]));
    const again = await migrate(server(), [migrated(bsn, { deny: ['RPZAC005'] })]);
    expect(outcomesOf(again)).toEqual(['201 created']);
    expect(locationsOf(again)).toEqual([first.replace(/1$/, '2')]);
    expect(await reasonOf(bsn)).toBe('consent-refused');
    expect((await family.consentsOf(server(), bsn)).length).toBe(1);
  });

  it('lets the later of two items for one citizen win, in a Bundle and in lines', async () => {
    const bsn = await patientOf(server());
    const items = (['permit', 'deny', 'deny'] as const).map((one) => migrated(bsn, { [one]: ['RPZAC005'] }));
    expect(outcomesOf(await migrate(server(), items))).toEqual(['201 created', '201 created', '200 unchanged']);
    expect(await reasonOf(bsn)).toBe('consent-refused');
    expect(outcomesOf(await migrateLines(server(), lines(items)))).toEqual([
      '201 created',
      '201 created',
      '200 unchanged',
    ]);
    expect((await family.consentsOf(server(), bsn)).map(({ meta }) => meta?.versionId)).toEqual(['4']);
  });

  it('does so too when the items name the citizen in different ways', async () => {
    const bsn = await patientOf(server());
    const reference = await family.patientOf(server(), bsn);
    const literal = { patient: { reference }, performer: [{ reference }] };
    const items = [migrated(bsn, { permit: ['RPZAC005'] }), migrated(bsn, { deny: ['RPZAC005'] }, literal)];
    expect(outcomesOf(await migrate(server(), items))).toEqual(['201 created', '201 created']);
    expect(await reasonOf(bsn)).toBe('consent-refused');
    expect((await family.consentsOf(server(), bsn)).length).toBe(1);
  });

  it('by another holder is a Consent of its own', async () => {
    const bsn = await patientOf(server());
    await subscribe(server(), bsn, HOSPITAL);
    await bring(bsn, { permit: ['RPZAC005'] });
    const item = migrated(bsn, { deny: ['RPZAC005'] }, {}, HOSPITAL);
    expect(outcomesOf(await migrate(server(), [item], 'hospital'))).toEqual(['201 created']);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 unchanged']);
    expect([await reasonOf(bsn), (await family.consentsOf(server(), bsn)).length]).toEqual(['consent-given', 2]);
  });
});

describe('scenario 15: what the citizen decided', () => {
  it('is not replaced: a migrated yes, the citizen’s no, the same yes again', async () => {
    const bsn = await patientOf(server());
    expect(await bring(bsn, { permit: ['RPZAC001'] })).toEqual(['201 created']);
    expect(await reasonOf(bsn, POST)).toBe('consent-given');
    await choose(bsn, said('deny', { requesterCategory: 'RPZAC001' }));
    expect(await reasonOf(bsn, POST)).toBe('consent-refused');
    const before = await storedRows(server());
    expect(await bring(bsn, { permit: ['RPZAC001'] })).toEqual(['200 skipped-citizen-decided']);
    expect(await storedRows(server())).toEqual(before);
    const [attempt] = await wholeLog(server(), bsn);
    expect([toldBy(attempt as never), detailsOf(attempt as never)['migration']]).toEqual([
      'migrate 0',
      ['skipped-citizen-decided'],
    ]);
    expect(await reasonOf(bsn, POST)).toBe('consent-refused');
  });

  it('leaves the rest to be migrated', async () => {
    const bsn = await patientOf(server());
    await choose(bsn, said('deny'));
    const answer = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005', 'RPZAC104'] })]);
    expect(outcomesOf(answer)).toEqual(['201 created']);
    const { body } = await server().fhir<Consent>(`/${locationsOf(answer)[0] ?? ''}`, { as: `citizen:${bsn}` });
    const requesters = body.provision?.provision?.flatMap(({ actor = [] }) => actor);
    expect(requesters?.map(({ reference }) => reference.identifier?.value)).toEqual(['RPZAC104']);
    expect([await reasonOf(bsn), await reasonOf(bsn, HOSPITAL)]).toEqual(['consent-refused', 'consent-given']);
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] })).toEqual(['200 unchanged']);
  });

  it.each([
    ['about the category of the holder', said('deny')],
    ['about the holder itself', ofPractice('deny', 'RPZAC005')],
  ])('counts whether it is %s', async (_what, answer) => {
    const bsn = await patientOf(server());
    await choose(bsn, answer);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    expect(await bring(bsn, { permit: [PHARMACY] })).toEqual(['200 skipped-citizen-decided']);
  });

  it('about one requester leaves its category to be migrated for the others', async () => {
    const bsn = await patientOf(server());
    const requester = { name: 'requester', valueIdentifier: { system: URA_SYSTEM, value: PHARMACY } };
    await choose(bsn, [
      { name: 'holderCategory', valueCode: 'HA' },
      requester,
      { name: 'decision', valueCode: 'deny' },
    ]);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['201 created']);
    expect(await reasonOf(bsn)).toBe('consent-refused');
  });

  it('about another holder is no decision about this one', async () => {
    const bsn = await patientOf(server());
    await choose(bsn, said('deny', { holderCategory: 'ZKH' }));
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['201 created']);
  });

  it('also is that they took back what was migrated: it does not return', async () => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] });
    await choose(bsn, ofPractice('clear', 'RPZAC005'));
    expect(await reasonOf(bsn)).toBe('no-consent');
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104'] })).toEqual(['200 unchanged']);
    expect(await bring(bsn, { permit: ['RPZAC005', 'RPZAC104', 'RPZAC001'] })).toEqual(['201 created']);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    expect([await reasonOf(bsn), await reasonOf(bsn, POST)]).toEqual(['no-consent', 'consent-given']);
  });

  it('and so is that they withdrew it as a whole', async () => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005'] });
    const [consent] = await family.consentsOf(server(), bsn);
    const headers = { 'If-Match': 'W/"1"' };
    const path = `/Consent/${consent?.id ?? ''}`;
    await server().fhir(path, { method: 'DELETE', as: `citizen:${bsn}`, headers });
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
    expect(await bring(bsn, { permit: ['RPZAC104'] })).toEqual(['201 created']);
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
  });

  it('and that they refused everything and cleared that again', async () => {
    const bsn = await patientOf(server());
    await bring(bsn, { permit: ['RPZAC005'] });
    await choose(bsn, 'none');
    const clear = choice(bsn, 'certain', [
      [
        { name: 'holderCategory', valueCode: 'HA' },
        { name: 'decision', valueCode: 'clear' },
      ],
    ]);
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: clear });
    expect(await reasonOf(bsn)).toBe('no-consent');
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['200 skipped-citizen-decided']);
  });
});

describe('the citizen lock', () => {
  it('refuses the item, and the citizen sees the attempt', async () => {
    const [bsn, other] = [await patientOf(server()), await patientOf(server())];
    await settled(server(), bsn, { locked: true });
    const items = [bsn, other].map((one) => migrated(one, { permit: ['RPZAC005'] }));
    expect(outcomesOf(await migrate(server(), items))).toEqual(['403 locked-by-citizen', '201 created']);
    const [attempt] = await wholeLog(server(), bsn);
    expect(toldBy(attempt as never)).toBe('migrate 4 locked-by-citizen');
    expect(await reasonOf(bsn)).toBe('no-consent');
    await settled(server(), bsn, { locked: false });
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['201 created']);
  });

  it('is not told to who is not subscribed', async () => {
    const bsn = await patientOf(server(), PHARMACY);
    await settled(server(), bsn, { locked: true });
    expect(await bring(bsn, { permit: ['RPZAC005'] })).toEqual(['403 not-subscribed']);
  });
});
