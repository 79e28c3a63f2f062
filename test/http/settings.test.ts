import type { Patient } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { elementsOf, partsOf, verdict } from './answers.ts';
import { detailsOf, settingsBody, settle, settled, toldBy, wholeLog } from './citizens.ts';
import { granted } from './emergency.ts';
import { bornYearsAgo, parent, settle as decideAs } from './family.ts';
import { freshBsn, GP } from './people.ts';
import { choice, parameters, question } from './questions.ts';
import { consent, patient } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const NOTHING = { locked: false, emailOn: [], ageGroup: undefined, fixed: false };

async function citizenBorn(birthDate: string | undefined): Promise<string> {
  const bsn = freshBsn();
  const body = patient(bsn, { birthDate });
  expect((await server().fhir<Patient>('/Patient', { as: `citizen:${bsn}`, body })).status).toBe(201);
  return bsn;
}

async function choose(bsn: string, option: 'all' | 'none'): Promise<void> {
  expect((await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, option) })).status).toBe(
    200,
  );
}

async function reasonOf(bsn: string): Promise<string | undefined> {
  const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
  return partsOf(answer)['reason']?.valueCoding?.code;
}

describe('settings', () => {
  it('are those of a citizen who settled nothing, and asking leaves nothing behind', async () => {
    const bsn = freshBsn();
    expect(await settled(server(), bsn)).toEqual(NOTHING);
    const { database, vault } = server().server.register;
    for (const table of ['citizen', 'patient']) {
      const { rowCount } = await database.query(`select from ${table} where patient_key = $1`, [vault.keyOf(bsn)]);
      expect(rowCount).toBe(0);
    }
  });

  it('change where something is given, and stay where nothing is', async () => {
    const bsn = freshBsn();
    expect(await settled(server(), bsn, { locked: true })).toEqual({ ...NOTHING, locked: true });
    const mails = { emailOn: ['family', 'emergency'] };
    expect(await settled(server(), bsn, mails)).toEqual({ ...NOTHING, locked: true, emailOn: ['emergency', 'family'] });
    expect(await settled(server(), bsn, { ageGroup: '16-17', locked: false })).toEqual({
      ...NOTHING,
      emailOn: ['emergency', 'family'],
      ageGroup: '16-17',
    });
    expect(await settled(server(), bsn)).toMatchObject({ locked: false, ageGroup: '16-17' });
  });

  it('want no mail any more with the code none, and only then', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { emailOn: ['choices-changed', 'lock-attempt', 'choices-changed'] });
    expect(await settled(server(), bsn)).toMatchObject({ emailOn: ['choices-changed', 'lock-attempt'] });
    expect(await settled(server(), bsn, { emailOn: ['none'] })).toMatchObject({ emailOn: [] });
    expect(await settled(server(), bsn)).toMatchObject({ emailOn: [] });
  });

  it.each([
    ['an event nobody knows', { emailOn: ['birthday'] }, '422 unknown-email-event'],
    ['none beside an event', { emailOn: ['family', 'none'] }, '422 none-stands-alone'],
    ['more events than there are', { emailOn: Array.from({ length: 6 }, () => 'family') }, '400 parameter-repeated'],
    ['an age group nobody knows', { ageGroup: '16-or-older' }, '422 unknown-age-group'],
  ])('with %s are refused, and nothing changes', async (_, wanted, expected) => {
    const bsn = freshBsn();
    await settled(server(), bsn, { locked: true, emailOn: ['emergency'] });
    const answer = await settle(server(), bsn, { locked: false, ...wanted });
    expect(verdict(answer)).toBe(expected);
    expect(elementsOf(answer)[0]).toMatch(/^Parameters\.parameter\[\d\]/);
    expect(await settled(server(), bsn)).toEqual({ ...NOTHING, locked: true, emailOn: ['emergency'] });
  });

  it.each([
    ['a lock that is a text', [{ name: 'locked', valueString: 'true' }]],
    [
      'a lock twice',
      [
        { name: 'locked', valueBoolean: true },
        { name: 'locked', valueBoolean: false },
      ],
    ],
    ['a parameter nobody knows', [{ name: 'patient', valueString: 'me' }]],
  ])('with %s cannot be read', async (_, given) => {
    const answer = await server().fhir('/Patient/$settings', { as: `citizen:${freshBsn()}`, body: parameters(given) });
    expect(answer.status).toBe(400);
  });

  it.each(['gp', 'exchange', 'auditor', 'admin'])('are not for %s', async (as) => {
    const answer = await server().fhir('/Patient/$settings', { as, body: settingsBody({ locked: false }) });
    expect(verdict(answer)).toBe('403 not-permitted');
  });

  it('are each citizen’s own', async () => {
    const [one, other] = [freshBsn(), freshBsn()];
    await settled(server(), one, { locked: true });
    expect(await settled(server(), other)).toEqual(NOTHING);
  });

  it('stand in the log, with what changed', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { locked: true, emailOn: ['emergency'], ageGroup: '18-or-older' });
    await settled(server(), bsn, { locked: false });
    await settled(server(), bsn, { locked: false });
    const [unchanged, unlocked, first] = (await wholeLog(server(), bsn)).filter(
      (event) => toldBy(event) === 'settings 0',
    );
    expect(detailsOf(first ?? ({} as never))['settings']).toEqual(['locked', 'email-on', 'age-group']);
    expect(detailsOf(unlocked ?? ({} as never))['settings']).toEqual(['unlocked']);
    expect(detailsOf(unchanged ?? ({} as never))).toEqual({});
  });
});

describe('the age group', () => {
  it.each([
    ['2000-01-01', '18-or-older'],
    ['1950', '18-or-older'],
    ['2025-01-01', 'under-12'],
  ])('of one born %s is %s and fixed', async (birthDate, ageGroup) => {
    const bsn = await citizenBorn(birthDate);
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup, fixed: true });
    expect(await settled(server(), bsn, { ageGroup })).toMatchObject({ ageGroup, fixed: true });
    const others = ['under-12', '12-15', '16-17', '18-or-older'].filter((other) => other !== ageGroup);
    for (const other of others) {
      const answer = await settle(server(), bsn, { ageGroup: other, locked: true });
      expect([verdict(answer), elementsOf(answer)]).toEqual([
        '422 age-group-locked',
        ['Parameters.parameter[1].valueCode'],
      ]);
    }
    expect(await settled(server(), bsn)).toMatchObject({ locked: false, ageGroup });
  });

  it.each([
    [12, 1, 'under-12'],
    [12, 0, '12-15'],
    [16, 1, '12-15'],
    [16, 0, '16-17'],
    [18, 1, '16-17'],
    [18, 0, '18-or-older'],
  ])('of one who turns %i in %i days, in Amsterdam, is %s', async (years, daysLater, ageGroup) => {
    const bsn = await citizenBorn(bornYearsAgo(years, daysLater));
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup, fixed: true });
  });

  it('is fixed by the birth date that a provider passed, whatever the citizen said before (scenario 21)', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { ageGroup: '16-17' });
    await subscribe(server(), bsn, GP, { birthDate: '2025-03-07' });
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup: 'under-12', fixed: true });
    expect(verdict(await settle(server(), bsn, { ageGroup: '16-17' }))).toBe('422 age-group-locked');
    await choose(bsn, 'all');
    expect(await reasonOf(bsn)).toBe('minor-unconfirmed');
  });

  it('under 16 makes choices wait for a parent', async () => {
    for (const ageGroup of ['under-12', '12-15']) {
      const bsn = freshBsn();
      await settled(server(), bsn, { ageGroup });
      await choose(bsn, 'all');
      expect(await reasonOf(bsn)).toBe('minor-unconfirmed');
      const answer = await server().fhir('/Consent', { as: `citizen:${bsn}`, body: consent(bsn) });
      expect(verdict(answer)).toBe('422 status-not-for-age');
    }
  });

  it.each(['16-17', '18-or-older', undefined])('of %s makes no choice wait', async (ageGroup) => {
    const bsn = freshBsn();
    await settled(server(), bsn, ageGroup === undefined ? {} : { ageGroup });
    await choose(bsn, 'all');
    expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('becomes one under 16 while nothing stands but what a parent confirmed, and emergency grants', async () => {
    const [bsn, by] = [freshBsn(), await parent(server())];
    await settled(server(), bsn, { ageGroup: '12-15' });
    await choose(bsn, 'all');
    await decideAs(server(), bsn, by);
    await granted(server(), bsn);
    await settled(server(), bsn, { ageGroup: '16-17' });
    expect(await settled(server(), bsn, { ageGroup: 'under-12' })).toMatchObject({ ageGroup: 'under-12' });
    expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('does not become one under 16 while choices stand that nobody confirmed', async () => {
    const bsn = freshBsn();
    await choose(bsn, 'all');
    for (const ageGroup of ['under-12', '12-15']) {
      const answer = await settle(server(), bsn, { ageGroup, locked: true });
      expect([verdict(answer), elementsOf(answer)]).toEqual([
        '409 choices-stand',
        ['Parameters.parameter[1].valueCode'],
      ]);
    }
    expect(await settled(server(), bsn, { ageGroup: '16-17' })).toMatchObject({ locked: false, ageGroup: '16-17' });
    expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('is raised while nobody but the citizen says it; what waits goes on waiting', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { ageGroup: '12-15' });
    await choose(bsn, 'all');
    await settled(server(), bsn, { ageGroup: '16-17' });
    expect(await reasonOf(bsn)).toBe('minor-unconfirmed');
    await choose(bsn, 'all');
    expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('gives way to the birth date of the Patient', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { ageGroup: '12-15' });
    const body = patient(bsn, { birthDate: '1980-02-29' });
    expect((await server().fhir('/Patient', { as: `citizen:${bsn}`, body })).status).toBe(201);
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup: '18-or-older', fixed: true });
    await choose(bsn, 'all');
    expect(await reasonOf(bsn)).toBe('consent-given');
  });
});
