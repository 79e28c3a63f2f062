import { useTestServer, type Call } from '../setup/test-server.ts';
import { partsOf, verdict } from './answers.ts';
import { detailsOf, settled, toldBy, wholeLog } from './citizens.ts';
import { decided, grantBody } from './emergency.ts';
import { storedRows } from './ledger.ts';
import { migrate, migrated, outcomesOf } from './migrating.ts';
import { freshBsn, GP, POST } from './people.ts';
import { choice, question } from './questions.ts';
import { consent, URA_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();
const ORGANISATION = 'PROV';

const together = (bsn: string) => {
  const { parameter, ...rest } = choice(bsn, 'all');
  return { ...rest, parameter: [...parameter, { name: 'way', valueCode: 'together' }] };
};

const button = (bsn: string) => {
  const own = [
    { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: GP } },
    { name: 'decision', valueCode: 'permit' },
  ];
  const { parameter, ...rest } = choice(bsn, 'certain', [own]);
  return { ...rest, parameter: [...parameter, { name: 'way', valueCode: 'button' }] };
};

/** Every way in which a provider records: whose token, where, what; and what stands in the log of the attempt. */
const WAYS: readonly (readonly [way: string, path: string, call: (bsn: string) => Call, told: string, ura: string])[] =
  [
    ['together', '/Consent/$choose', (bsn) => ({ as: 'gp', body: together(bsn) }), 'choose', GP],
    ['the button', '/Consent/$choose', (bsn) => ({ as: 'gp', body: button(bsn) }), 'choose', GP],
    [
      'a grant of a patient who could not be asked',
      '/Consent/$grant-emergency',
      (bsn) => ({ as: 'post', body: grantBody(bsn, { agreed: 'unable' }) }),
      'grant-emergency',
      POST,
    ],
  ];

async function citizen(): Promise<string> {
  const bsn = freshBsn();
  await subscribe(server(), bsn, GP);
  return bsn;
}

describe('the citizen lock (scenario 37)', () => {
  it.each(WAYS)('refuses %s, and the citizen sees the attempt', async (_, path, call, told, ura) => {
    const bsn = await citizen();
    await settled(server(), bsn, { locked: true });
    const before = await storedRows(server());
    const answer = await server().fhir(path, call(bsn));
    expect(verdict(answer)).toBe('403 locked-by-citizen');
    expect(await storedRows(server())).toEqual(before);
    const [attempt] = await wholeLog(server(), bsn);
    expect(toldBy(attempt ?? ({} as never))).toBe(`${told} 4 locked-by-citizen`);
    const organisation = attempt?.agent.find(({ type }) => type?.coding?.[0]?.code === ORGANISATION);
    expect(organisation?.who?.identifier).toEqual({ system: URA_SYSTEM, value: ura });
    expect(organisation?.role?.[0]?.coding?.[0]?.code).toBe(ura === GP ? 'Z3' : 'N6');
  });

  it.each(WAYS)('that is off again lets %s pass', async (_, path, call, told) => {
    const bsn = await citizen();
    await settled(server(), bsn, { locked: true });
    await settled(server(), bsn, { locked: false });
    expect((await server().fhir(path, call(bsn))).status).toBe(200);
    const [recorded] = await wholeLog(server(), bsn);
    expect(toldBy(recorded ?? ({} as never))).toBe(`${told} 0`);
  });

  it.each(WAYS)('of one citizen leaves %s for another alone', async (_, path, call) => {
    await settled(server(), await citizen(), { locked: true });
    expect((await server().fhir(path, call(await citizen()))).status).toBe(200);
  });

  it('refuses what is migrated for a locked citizen, and nothing else of the same call', async () => {
    const [locked, open] = [await citizen(), await citizen()];
    await settled(server(), locked, { locked: true });
    const items = [locked, open].map((bsn) => migrated(bsn, { permit: ['RPZAC005'] }));
    expect(outcomesOf(await migrate(server(), items))).toEqual(['403 locked-by-citizen', '201 created']);
    const [attempt] = await wholeLog(server(), locked);
    expect(toldBy(attempt ?? ({} as never))).toBe('migrate 4 locked-by-citizen');
    const checked = await server().fhir('/Consent/$check', { as: 'gp', body: question(locked) });
    expect(partsOf(checked)['reason']?.valueCoding?.code).toBe('no-consent');
    await settled(server(), locked, { locked: false });
    expect(outcomesOf(await migrate(server(), items))).toEqual(['201 created', '200 unchanged']);
  });

  it('lets a grant pass to which the patient agreed on the spot', async () => {
    const bsn = await citizen();
    await settled(server(), bsn, { locked: true });
    const answer = await server().fhir('/Consent/$grant-emergency', { as: 'post', body: grantBody(bsn) });
    expect(answer.status).toBe(200);
    const [recorded] = await wholeLog(server(), bsn);
    expect(detailsOf(recorded ?? ({} as never))['way']).toEqual(['emergency']);
    expect(await decided(server(), bsn)).toBe('permit emergency-grant');
  });

  it('does not keep the citizen from choosing, nor holders from asking and subscribing', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { locked: true });
    const as = `citizen:${bsn}`;
    expect((await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all') })).status).toBe(200);
    expect((await server().fhir('/Consent', { as, body: consent(bsn) })).status).toBe(201);
    await subscribe(server(), bsn, GP);
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
    expect(partsOf(answer)['decision']?.valueCode).toBe('permit');
  });

  it('is no matter of a grant that runs already', async () => {
    const bsn = await citizen();
    await server().fhir('/Consent/$grant-emergency', { as: 'post', body: grantBody(bsn, { agreed: 'unable' }) });
    await settled(server(), bsn, { locked: true });
    expect(await decided(server(), bsn)).toBe('permit emergency-grant');
  });

  it('is refused before anything is said about what a locked citizen has', async () => {
    const [known, unknown] = [await citizen(), freshBsn()];
    for (const bsn of [known, unknown]) await settled(server(), bsn, { locked: true });
    const ask = (bsn: string) =>
      server().fhir('/Consent/$grant-emergency', { as: 'post', body: grantBody(bsn, { agreed: 'unable' }) });
    await server().fhir('/Consent/$grant-emergency', { as: 'post', body: grantBody(known) });
    const [one, other] = [await ask(known), await ask(unknown)];
    expect([one.status, one.body]).toEqual([other.status, other.body]);
  });
});
