import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { review, type Review, type ReviewLine } from '../../src/audit/review.ts';
import { appendAuditEvents, type AuditEventRow } from '../../src/storage/audit-event.ts';
import type { ReviewThresholds } from '../../src/storage/audit-review.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { entriesOf } from '../http/answers.ts';
import { detailsOf, settled } from '../http/citizens.ts';
import { grant, granted } from '../http/emergency.ts';
import { changed, decide, parent, proposing } from '../http/family.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { freshBsn, GP, HOSPITAL, PHARMACY, POST } from '../http/people.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { buildServer } from '../start/built-server.ts';
import { run } from '../start/running-server.ts';

const server = useTestServer();
const database = () => server().database.database;

beforeAll(buildServer, LIMIT_MS);

const THRESHOLDS: ReviewThresholds = {
  oddChecks: 2,
  oddFrom: 22,
  oddTo: 6,
  citizens: 3,
  burst: 4,
  burstMinutes: 10,
  lockAttempts: 1,
  codes: 5,
};

/** A day of its own for each test, long ago, so that no other test's events are in its review. */
let day = Date.UTC(2024, 0, 1);
function freshDay(): string {
  day += 86_400_000;
  return new Date(day).toISOString().slice(0, 10);
}

interface Asked {
  readonly at: string;
  readonly requester?: string;
  readonly professional?: string;
  readonly patientKey?: Buffer;
}

const someone = () => Buffer.from((randomUUID() + randomUUID()).replaceAll('-', ''), 'hex');

/** The record of a closed question at a moment of the clock of the Netherlands (in winter: UTC + 1). */
function check({ at, requester = PHARMACY, professional, patientKey = someone() }: Asked): AuditEventRow {
  const recordedAt = Date.parse(at);
  const people = professional === undefined ? {} : { professional };
  return {
    id: v7({ msecs: recordedAt }),
    recordedAt,
    patientKey,
    clientId: 'gp',
    interaction: 'Consent.check',
    outcome: '0',
    detail: { role: 'holder', ura: GP, check: { requester: { ura: requester }, ...people } },
  };
}

/** What a review by the application's own login finds from one day to another. */
async function reviewed(from: string, to = from, change: Partial<ReviewThresholds> = {}): Promise<Review> {
  const application = await openDatabase(server().database.applicationUrl);
  const period = { from, to };
  return review(application, (number) => `of-${number.length}`, period, { ...THRESHOLDS, ...change }).finally(() =>
    application.close(),
  );
}

async function linesOn(topic: string, from: string, change: Partial<ReviewThresholds> = {}): Promise<ReviewLine[]> {
  return (await reviewed(from, from, change)).lines.filter((line) => line.topic === topic);
}

/** Today in the Netherlands, where what is done now is found; and the day before, when midnight is near. */
function now(): { readonly from: string; readonly to: string } {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Amsterdam' });
  return { from: format.format(Date.now() - 3_600_000), to: format.format(Date.now() + 3_600_000) };
}

describe('a review of the log finds', () => {
  it('emergency grants per organisation, with those that came again flagged (ten in a row)', async () => {
    const bsn = freshBsn();
    for (let turn = 0; turn < 10; turn += 1) await granted(server(), bsn);
    expect((await grant(server(), bsn, { agreed: 'unable' })).status).toBe(422);
    await granted(server(), freshBsn(), {}, 'hospital');
    const { lines } = await reviewed(now().from, now().to);
    const found = lines.filter(({ topic }) => topic === 'emergency-grants');
    expect(found).toEqual([
      expect.objectContaining({ organisation: POST, count: 10, flagged: 9, citizens: 1 }),
      expect.objectContaining({ organisation: HOSPITAL, count: 1, flagged: 0, citizens: 1 }),
    ]);
    const event = await server().fhir<AuditEvent>(`/${found[0]?.event ?? ''}`, { as: 'auditor' });
    expect(detailsOf(event.body)['flagged']).toEqual(['repeated-emergency-grant']);
  });

  it('attempts against a citizen lock', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { locked: true });
    await grant(server(), bsn, { agreed: 'unable' });
    await grant(server(), bsn, { agreed: 'unable' });
    const { lines } = await reviewed(now().from, now().to);
    expect(lines.filter(({ topic }) => topic === 'lock-attempts')).toEqual([
      expect.objectContaining({ organisation: POST, count: 2, citizens: 1 }),
    ]);
    const more = await reviewed(now().from, now().to, { lockAttempts: 3 });
    expect(more.lines.filter(({ topic }) => topic === 'lock-attempts')).toEqual([]);
  });

  it('who guesses at pairing codes, and codes that were guessed at too often', async () => {
    const { child, code } = await proposing(server());
    const guessing = await parent(server());
    for (let tries = 0; tries < 5; tries += 1) await decide(server(), guessing, changed(code, 7));
    const quiet = await parent(server());
    await decide(server(), quiet, 'ABCDEFGH');
    const { lines } = await reviewed(now().from, now().to);
    const found = lines.filter(({ topic }) => topic === 'pairing-codes');
    const pseudonym = (bsn: string) => server().server.register.vault.keyOf(bsn).toString('hex').slice(0, 16);
    expect(found).toEqual([
      expect.objectContaining({ citizen: pseudonym(guessing), count: 5, flagged: 0 }),
      expect.objectContaining({ citizen: pseudonym(child), count: 1, flagged: 1 }),
    ]);
  });

  it.each([
    { at: 'T20:59:59.999Z', odd: false },
    { at: 'T21:00:00.000Z', odd: true },
    { at: 'T23:30:00.000Z', odd: true },
    { at: 'T04:59:59.999Z', odd: true },
    { at: 'T05:00:00.000Z', odd: false },
  ])('checks at odd hours by the clock of the Netherlands: $at in winter is one: $odd', async ({ at, odd }) => {
    const from = freshDay();
    freshDay();
    const asked = { at: `${from}${at}`, requester: HOSPITAL };
    await appendAuditEvents(database(), [check(asked), check(asked), check({ ...asked, requester: GP })]);
    const { lines } = await reviewed(from, new Date(day).toISOString().slice(0, 10));
    const found = lines.filter(({ topic }) => topic === 'odd-hours');
    expect(found.map(({ organisation, count }) => [organisation, count])).toEqual(odd ? [[HOSPITAL, 2]] : []);
  });

  it('checks at odd hours in summer, an hour earlier by UTC, and other hours than at night', async () => {
    const [summer, noon] = ['2024-07-01', '2024-07-03'];
    const at = `${summer}T20:00:00.000Z`;
    await appendAuditEvents(database(), [check({ at }), check({ at })]);
    expect(await linesOn('odd-hours', summer)).toHaveLength(1);
    await appendAuditEvents(database(), [check({ at: `${noon}T10:30:00Z` }), check({ at: `${noon}T10:31:00Z` })]);
    expect(await linesOn('odd-hours', noon)).toEqual([]);
    expect(await linesOn('odd-hours', noon, { oddFrom: 12, oddTo: 13 })).toHaveLength(1);
  });

  it('professionals who ask about many citizens on one day', async () => {
    const from = freshDay();
    const at = `${from}T10:00:00Z`;
    const one = someone();
    const ask = (professional: string, patientKeys: readonly Buffer[], requester = PHARMACY) =>
      appendAuditEvents(
        database(),
        patientKeys.map((patientKey) => check({ at, professional, patientKey, requester })),
      );
    await ask('000012345', [someone(), someone(), someone()]);
    await ask('000067890', [one, one, one, someone()]);
    await ask('000011111', [someone(), someone()]);
    await ask('000011111', [someone(), someone()], HOSPITAL);
    expect(await linesOn('many-citizens', from)).toEqual([
      expect.objectContaining({ organisation: PHARMACY, professional: 'of-9', citizens: 3, count: 3 }),
    ]);
  });

  it('bursts of checks about one citizen, however they fall over the clock', async () => {
    const from = freshDay();
    const [burst, slow, few] = [someone(), someone(), someone()];
    const asked = (patientKey: Buffer, minutes: readonly number[], requester = PHARMACY) =>
      minutes.map((minute) =>
        check({ at: new Date(day + 36_000_000 + minute * 60_000).toISOString(), patientKey, requester }),
      );
    await appendAuditEvents(database(), [
      ...asked(burst, [7, 9, 12]),
      ...asked(burst, [16, 60], HOSPITAL),
      ...asked(slow, [0, 4, 8, 12]),
      ...asked(few, [1, 1, 1]),
    ]);
    expect(await linesOn('burst', from)).toEqual([
      expect.objectContaining({ citizen: burst.toString('hex').slice(0, 16), count: 4, citizens: 1 }),
    ]);
    expect(await linesOn('burst', from)).not.toEqual([expect.objectContaining({ organisation: PHARMACY })]);
    expect(await linesOn('burst', from, { burstMinutes: 12 })).toHaveLength(2);
  });

  it('nothing in a quiet log', async () => {
    const from = freshDay();
    await appendAuditEvents(database(), [check({ at: `${from}T10:00:00Z` })]);
    expect((await reviewed(from)).lines).toEqual([]);
  });
});

describe('a review', () => {
  it('is itself in the log, before it is shown', async () => {
    const from = freshDay();
    await reviewed(from);
    const found = await server().fhir<Bundle>('/AuditEvent?subtype=report&_count=1', { as: 'auditor' });
    const [shown] = entriesOf<AuditEvent>(found);
    expect([shown?.action, shown?.type.code, detailsOf(shown ?? ({} as never))]).toEqual([
      'R',
      '110101',
      { reviewed: [`${from}/${from}`] },
    ]);
  });

  it('shows nothing when that cannot be recorded', async () => {
    const from = freshDay();
    await database().query(
      'revoke insert on audit_event from public, ' + new URL(server().database.applicationUrl).username,
    );
    await expect(reviewed(from)).rejects.toThrow('42501');
    await database().query('grant insert on audit_event to ' + new URL(server().database.applicationUrl).username);
    expect((await reviewed(from)).lines).toEqual([]);
  });
});

describe('the review as a command', () => {
  const settings = () => {
    const { url, applicationUrl } = server().database;
    return { DATABASE_URL: applicationUrl, DATABASE_OWNER_URL: url, SANDBOX: 'true', DATA_DIR: server().dataDir };
  };

  it(
    'prints a table, JSON or lines for a spreadsheet, with neither BSN nor UZI number in it',
    async () => {
      const from = freshDay();
      const professional = '000012345';
      const at = `${from}T22:30:00Z`;
      const bsn = freshBsn();
      const patientKey = server().server.register.vault.keyOf(bsn);
      await appendAuditEvents(
        database(),
        [1, 2, 3].map(() => check({ at, professional, patientKey })),
      );
      const words = ['--from', from, '--to', from, '--citizens', '1', '--burst', '3', '--odd-checks', '3'];
      for (const [format, starts] of [
        ['table', `Audit log from ${from} to ${from}: 3 for a second look.`],
        ['json', '{'],
        ['csv', 'topic,organisation,'],
      ] as const) {
        const said = await run(['node', 'dist/review.js', ...words, '--format', format], settings());
        expect([said.code, said.stderr]).toEqual([0, '']);
        expect(said.stdout.startsWith(starts)).toBe(true);
        expect(said.stdout).toContain(PHARMACY);
        expect(said.stdout).not.toMatch(new RegExp(`${professional}|${bsn}`));
        if (format === 'json') expect((JSON.parse(said.stdout) as Review).lines).toHaveLength(3);
      }
    },
    LIMIT_MS,
  );

  it.each([
    ['--from', 'yesterday', '--from: '],
    ['--format', 'xml', '--format: '],
    ['--burst', '0', '--burst: '],
    ['--colour', 'red', 'Unknown option'],
  ])(
    'says in one sentence that %s %s is wrong, and reads nothing',
    async (name, value, said) => {
      const { id } = namedRequest();
      expect(await logged(server(), id)).toEqual([]);
      const reports = async () =>
        (await logged(server())).filter(({ interaction }) => interaction === 'AuditEvent.report').length;
      const before = await reports();
      const ended = await run(['node', 'dist/review.js', name, value], settings());
      expect([ended.code, ended.stdout]).toEqual([1, '']);
      expect(ended.stderr).toContain(said);
      expect(await reports()).toBe(before);
    },
    LIMIT_MS,
  );
});
