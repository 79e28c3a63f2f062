import type { Consent, Patient } from '@medplum/fhirtypes';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Call, openTestServer, type TestServer } from '../setup/test-server.ts';
import { deleteAccount, settled, wholeLog } from './citizens.ts';
import { grant, granted } from './emergency.ts';
import { findEverywhere, holdsTrace, type Traces } from './every-column.ts';
import * as family from './family.ts';
import { contact, openSmtpServer, queueIsEmpty, reachable, savePatient, type SmtpServer } from './mails.ts';
import { migrate, migrated } from './migrating.ts';
import { freshBsn, GP, PHARMACY } from './people.ts';
import { choice, question } from './questions.ts';
import { consent, URA_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';

let smtp: SmtpServer;
let server: TestServer;

beforeAll(async () => {
  smtp = await openSmtpServer();
  server = await openTestServer({ smtpUrl: smtp.url });
}, LIMIT_MS);

afterAll(async () => {
  await server.close();
  await smtp.close();
}, LIMIT_MS);

/** What only these citizens say, each word in one place. */
const WORDS = {
  family: 'Kwikstaartveld',
  formerFamily: 'Roodborstdal',
  given: 'Wielewaal',
  birthDate: '1961-09-17',
  narrative: 'Waterhoentje',
  phone: '31699912345',
  address: 'ijsvogel.in.het.riet@oever.example',
  proposedAddress: 'grutto.in.de.wei@oever.example',
  grantReason: 'Boomklever ademt niet',
  togetherReason: 'Putter vraagt het zelf',
  buttonReason: 'Sijsje vraagt het zelf',
} as const;
const FAREWELL = 'zwaluw.in.het.zuiden@oever.example';

/** Where the pseudonym stays: the log, and what holders registered and how they are told. */
const PSEUDONYM_STAYS =
  /^(audit_event(_\w+)?\.patient_key|subscription(_history)?\.patient_key|notification(_event)?\.patient_key): /;

async function must(answer: Promise<{ readonly status: number; readonly body: unknown }>): Promise<void> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(JSON.stringify(body));
}

const withMore = (body: { readonly parameter: readonly object[] }, way: string, reason: string) => ({
  ...body,
  parameter: [...body.parameter, { name: 'way', valueCode: way }, { name: 'reason', valueString: reason }],
});

/** Puts a trace of the citizen wherever there is a door. */
async function plant(bsn: string): Promise<void> {
  const as = `citizen:${bsn}`;
  await subscribe(server, bsn, GP, { birthDate: WORDS.birthDate });
  await subscribe(server, bsn, PHARMACY);
  await plantPatient(bsn);
  await settled(server, bsn, { emailOn: ['choices-changed', 'emergency', 'lock-attempt', 'family'] });
  await must(migrate(server, [migrated(bsn, { permit: ['RPZAC005'] })]));
  const headers = { 'Idempotency-Key': '"planted"' };
  await must(server.fhir('/Consent/$choose', { as, body: choice(bsn, 'all'), headers }));
  await plantConsent(bsn);
  await must(
    server.fhir('/Consent/$choose', {
      as: 'gp',
      body: withMore(choice(bsn, 'all'), 'together', WORDS.togetherReason),
      headers,
    }),
  );
  const own = [
    { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: GP } },
    { name: 'decision', valueCode: 'deny' },
  ];
  const pressed = withMore(choice(bsn, 'certain', [own]), 'button', WORDS.buttonReason);
  await must(server.fhir('/Consent/$choose', { as: 'gp', body: pressed }));
  await granted(server, bsn, { reason: WORDS.grantReason });
  await must(server.fhir('/Consent/$check', { as: 'gp', body: question(bsn) }));
  await settled(server, bsn, { locked: true });
  await grant(server, bsn, { agreed: 'unable', reason: WORDS.grantReason });
}

/** A Patient with all it may hold, of which an earlier version says other things; one address confirmed, one not yet. */
async function plantPatient(bsn: string): Promise<void> {
  const { telecom } = contact(WORDS.address) as Patient;
  const text = { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${WORDS.narrative}</div>` };
  const more = {
    text,
    birthDate: WORDS.birthDate,
    name: [{ family: WORDS.formerFamily, given: [WORDS.given] }],
    telecom: [{ system: 'phone', value: `+${WORDS.phone}` }, ...(telecom ?? []).slice(1)],
  };
  await reachable(server, smtp, bsn, { address: WORDS.address, more });
  const moved = { ...more, name: [{ family: WORDS.family }], ...contact(WORDS.proposedAddress) };
  await must(savePatient(server, bsn, moved));
}

/** A Consent of the citizen's own, changed and deleted. */
async function plantConsent(bsn: string): Promise<void> {
  const as = `citizen:${bsn}`;
  const made = await server.fhir<Consent>('/Consent', { as, body: consent(bsn) });
  await must(Promise.resolve(made));
  const path = `/Consent/${made.body.id ?? ''}`;
  const change: Call = {
    as,
    method: 'PUT',
    headers: { 'If-Match': 'W/"1"' },
    body: { ...made.body, dateTime: '2026-01-02' },
  };
  await must(server.fhir(path, change));
  await must(server.fhir(path, { as, method: 'DELETE', headers: { 'If-Match': 'W/"2"' } }));
}

const tracesOf = (bsn: string): Traces => ({
  ...WORDS,
  FAREWELL,
  bsn,
  pseudonym: server.server.register.vault.keyOf(bsn),
});
const namesIn = (found: readonly string[]) => [...new Set(found.map((one) => one.split(': ')[1] ?? ''))].sort();

const PROFILES = `
  select profile -> 'permit' as permit from notification_event where patient_key = $1 and profile is not null`;
const NOTHING_SHARED = { permit: [] };

/** What the events of the citizen's holders still say of the choices: whom they permit. */
async function storedProfiles(bsn: string): Promise<{ readonly permit: readonly string[] }[]> {
  const key = server.server.register.vault.keyOf(bsn);
  return (await server.database.database.query<{ permit: string[] }>(PROFILES, [key])).rows;
}

describe('the scan of every column', () => {
  it('finds what is there, in every form', async () => {
    const { database } = server.database;
    await database.query('create schema aside');
    await database.query('create table aside.odd ("a ""column""" bytea, plain text, number bigint, nested jsonb)');
    const trace = Buffer.from('Grauwe klauwier');
    const values = [
      [trace, null, 1, null],
      [Buffer.from('x'), `.${trace.toString('hex').toUpperCase()}`, 2, null],
      [null, `..${Buffer.from('123Grauwe klauwier56').toString('base64')}`, 3, null],
      [null, Buffer.from('12Grauwe klauwier').toString('base64url'), 999_900_123, null],
      [null, 'GRAUWE KLAUWIER', 5, { deep: [{ down: 'een Grauwe klauwier.' }] }],
    ];
    for (const row of values) {
      expect(await findEverywhere(server, { trace })).toEqual([]);
      await database.query('insert into aside.odd values ($1, $2, $3, $4)', row);
      expect(await findEverywhere(server, { trace })).not.toEqual([]);
      expect(namesIn(await findEverywhere(server, { trace, none: 'Ortolaan' }))).toEqual(['trace']);
      if (row !== values.at(-1)) await database.query('delete from aside.odd');
    }
    expect(await findEverywhere(server, { trace, number: '999900123' })).toEqual([
      'odd.nested: trace',
      'odd.plain: trace',
    ]);
    await database.query('drop schema aside cascade');
  });
});

describe('a deleted account', () => {
  it('has left nothing but the pseudonym, in the log and where its holders are told', async () => {
    const bsn = freshBsn();
    await plant(bsn);
    const before = await findEverywhere(server, tracesOf(bsn));
    const clear = Object.keys(WORDS).filter((name) => !['proposedAddress'].includes(name));
    expect(namesIn(before)).toEqual([...clear, 'proposedAddress', 'pseudonym'].sort());
    expect(before.filter((one) => one.endsWith(': pseudonym') && !PSEUDONYM_STAYS.test(one)).length).toBeGreaterThan(5);
    expect((await storedProfiles(bsn)).some(({ permit }) => permit.length > 0)).toBe(true);
    const log = await wholeLog(server, bsn);

    expect((await deleteAccount(server, bsn, FAREWELL)).status).toBe(200);
    await smtp.mailsTo(FAREWELL);
    await queueIsEmpty(server);

    const after = await findEverywhere(server, tracesOf(bsn));
    expect(namesIn(after)).toEqual(['pseudonym']);
    expect(after.filter((one) => !PSEUDONYM_STAYS.test(one))).toEqual([]);
    expect(await storedProfiles(bsn)).toEqual([NOTHING_SHARED, NOTHING_SHARED]);
    const kept = await wholeLog(server, bsn);
    expect(kept.slice(-log.length).map(({ id }) => id)).toEqual(log.map(({ id }) => id));
  });

  it('has left nothing of a child or a parent either', async () => {
    const [young, by] = [await family.child(server), await family.parent(server)];
    await family.choose(server, young, family.said('permit'));
    await family.settle(server, young, by);
    await family.choose(server, young, family.said('permit', { requesterCategory: 'RPZAC001' }));
    await family.codeOf(server, young);
    await family.decide(server, by, family.randomCode());
    for (const bsn of [by, young]) {
      const traces = { pseudonym: server.server.register.vault.keyOf(bsn) };
      const before = await findEverywhere(server, traces);
      expect(before.filter((one) => !PSEUDONYM_STAYS.test(one)).length).toBeGreaterThan(2);
      expect((await deleteAccount(server, bsn)).status).toBe(200);
      const after = await findEverywhere(server, traces);
      expect(after.filter((one) => !PSEUDONYM_STAYS.test(one))).toEqual([]);
      expect(await family.decided(server, young)).toBe(bsn === by ? 'permit consent-given' : 'deny no-consent');
    }
  });

  it('takes mails along that wait to be sent', async () => {
    const elsewhere = await openTestServer({ smtpUrl: 'smtp://127.0.0.1:9' });
    try {
      const bsn = freshBsn();
      await must(savePatient(elsewhere, bsn, contact(WORDS.address)));
      const traces = { pseudonym: elsewhere.server.register.vault.keyOf(bsn) };
      expect(await findEverywhere(elsewhere, traces)).toContain('mail.patient_key: pseudonym');
      await must(deleteAccount(elsewhere, bsn, FAREWELL));
      const after = await findEverywhere(elsewhere, { ...traces, FAREWELL });
      expect(after.filter((one) => !PSEUDONYM_STAYS.test(one))).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  it('was never in the lines the server logged', () => {
    const text = server.logged.join('\n');
    expect(text).not.toBe('');
    for (const trace of [...Object.values(WORDS), FAREWELL]) expect(holdsTrace(text, trace)).toBe(false);
  });
});
