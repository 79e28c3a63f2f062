import { CONSENT, updateConsent } from '../../src/storage/consent.ts';
import { readClock } from '../../src/storage/clock.ts';
import { readForDecision, readForDecisionAt } from '../../src/storage/decision-rows.ts';
import { ORGANIZATION, updateOrganization } from '../../src/storage/organization.ts';
import { deleteResource } from '../../src/storage/versioned.ts';
import { useTestDatabase } from '../setup/test-database.ts';
import { giveConsent, giveOrganization, instant, keyOf } from './rows.ts';

const test = useTestDatabase();

function end(id: string, seconds: number, status: string) {
  const change = { id, recordedAt: instant(seconds), content: {}, search: {}, status, rule: null } as const;
  return updateConsent(test().database, { ...change, method: 'update' });
}

describe('what counts now', () => {
  it('is read for many citizens and organisations at once, with the clock', async () => {
    const sql = test().database;
    const [one, two, other] = [keyOf('one'), keyOf('two'), keyOf('other')];
    await giveConsent(sql, { patientKey: one, id: 'n1', rule: { v: 1, n: 1 } });
    await giveConsent(sql, { patientKey: two, id: 'n2', status: 'proposed', rule: { v: 1, n: 2 } });
    await giveConsent(sql, { patientKey: two, id: 'n3', status: 'inactive', rule: null });
    await giveConsent(sql, { patientKey: other, id: 'n4' });
    await giveConsent(sql, { patientKey: two, id: 'n5' });
    await deleteResource(sql, CONSENT, { id: 'n5', recordedAt: instant(1) });
    await giveOrganization(sql, { ura: '00000666', types: ['N6'] });
    const before = await readClock(sql);
    const rows = await readForDecision(sql, [one, two, keyOf('unknown')], ['00000666', '90000697']);
    expect(rows.now).toBeGreaterThanOrEqual(before);
    expect(Number.isInteger(rows.now)).toBe(true);
    expect(rows.organizations).toEqual([{ ura: '00000666', types: ['N6'] }]);
    expect(rows.consents.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { citizen: one.toString('hex'), id: 'n1', version: '1', recordedAt: instant(0), rule: '{"v":1,"n":1}' },
      { citizen: two.toString('hex'), id: 'n2', version: '1', recordedAt: instant(0), rule: '{"v":1,"n":2}' },
    ]);
  });

  it('is nothing but the clock for nobody', async () => {
    const rows = await readForDecision(test().database, [], []);
    expect(rows).toEqual({ now: rows.now, consents: [], organizations: [] });
  });

  it('cannot be stored without a rule, nor a rule without counting', async () => {
    const sql = test().database;
    await expect(giveConsent(sql, { status: 'active', rule: null })).rejects.toThrow('23514');
    await expect(giveConsent(sql, { status: 'inactive', rule: { v: 1 } })).rejects.toThrow('23514');
  });
});

describe('what counted at an earlier moment', () => {
  const patientKey = keyOf('past');

  /** Versions and seconds of the consents that counted. */
  async function at(versionsAt: number, knownAt: number): Promise<string[]> {
    const moment = { versionsAt: instant(versionsAt), knownAt: instant(knownAt) };
    const rows = await readForDecisionAt(test().database, [patientKey], [], moment);
    return rows.consents.map(({ id, version }) => `${id}/${version}`).toSorted();
  }

  beforeAll(async () => {
    const sql = test().database;
    await giveConsent(sql, { patientKey, id: 'withdrawn', recordedAt: instant(10) });
    await end('withdrawn', 20, 'inactive');
    await giveConsent(sql, { patientKey, id: 'wrong', recordedAt: instant(10) });
    await end('wrong', 30, 'entered-in-error');
    await giveConsent(sql, { patientKey, id: 'deleted', recordedAt: instant(10) });
    await deleteResource(sql, CONSENT, { id: 'deleted', recordedAt: instant(40) });
  });

  it.each([
    { versionsAt: 9, knownAt: 9, counted: [], why: 'nothing was recorded yet' },
    { versionsAt: 10, knownAt: 10, counted: ['deleted/1', 'withdrawn/1', 'wrong/1'], why: 'all three were' },
    { versionsAt: 20, knownAt: 20, counted: ['deleted/1', 'wrong/1'], why: 'one was withdrawn in that instant' },
    { versionsAt: 19, knownAt: 29, counted: ['deleted/1', 'withdrawn/1', 'wrong/1'], why: 'the error was not known' },
    { versionsAt: 19, knownAt: 30, counted: ['deleted/1', 'withdrawn/1'], why: 'the error was known' },
    { versionsAt: 39, knownAt: 99, counted: ['deleted/1'], why: 'the deletion came later' },
    { versionsAt: 40, knownAt: 99, counted: [], why: 'nothing was left' },
  ])('at $versionsAt, known at $knownAt, is $counted: $why', async ({ versionsAt, knownAt, counted }) => {
    expect(await at(versionsAt, knownAt)).toEqual(counted);
  });

  it('takes organisations as they were registered then', async () => {
    const sql = test().database;
    const { id } = await giveOrganization(sql, { ura: '00014332', types: ['J8'], recordedAt: instant(10) });
    const change = { id, recordedAt: instant(20), content: {}, search: {}, ura: '90000382', types: ['L1'] };
    await updateOrganization(sql, { ...change, method: 'update' });
    await deleteResource(sql, ORGANIZATION, { id, recordedAt: instant(30) });
    const moments = [9, 10, 20, 30].map((second) => ({ versionsAt: instant(second), knownAt: instant(99) }));
    const uras = ['00014332', '90000382'];
    const seen = await Promise.all(moments.map((moment) => readForDecisionAt(sql, [], uras, moment)));
    expect(seen.map(({ organizations }) => organizations)).toEqual([
      [],
      [{ ura: '00014332', types: ['J8'] }],
      [{ ura: '90000382', types: ['L1'] }],
      [],
    ]);
  });
});
