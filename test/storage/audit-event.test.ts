import { v7 } from 'uuid';
import {
  type AuditEventRow,
  appendAuditEvents,
  countAuditEvents,
  countRecentEvents,
  findAuditEvent,
  searchAuditEvents,
} from '../../src/storage/audit-event.ts';
import { ensurePartitions } from '../../src/storage/audit-partitions.ts';
import { readClock } from '../../src/storage/clock.ts';
import { useTestDatabase } from '../setup/test-database.ts';
import { instant, keyOf } from './rows.ts';

const test = useTestDatabase();
const DAY = 86_400_000;

function event(recordedAt: number, change: Partial<AuditEventRow> = {}): AuditEventRow {
  return {
    id: v7({ msecs: recordedAt }),
    recordedAt,
    interaction: 'Consent.check',
    outcome: '0',
    detail: {},
    ...change,
  };
}

async function tableOf(id: string): Promise<string | undefined> {
  const text = 'select tableoid::regclass::text as name from audit_event where id = $1';
  return (await test().database.query<{ name: string }>(text, [id])).rows[0]?.name;
}

function dayName(at: number): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
}

describe('partitions of the audit log', () => {
  it('are made once for today and the days to come, by however many servers', async () => {
    const { database } = test();
    const made = await Promise.all([ensurePartitions(database, 3), ensurePartitions(database, 3)]);
    const now = await readClock(database);
    const days = [0, 1, 2, 3].map((n) => dayName(now + n * DAY));
    expect(made.flat().toSorted()).toEqual(days);
    expect(await ensurePartitions(database, 4)).toEqual([dayName(now + 4 * DAY)]);
  });

  it('take the events of their day, and the default one those of any other', async () => {
    const { database } = test();
    const now = await readClock(database);
    const [today, past, far] = [event(now), event(instant(0)), event(now + 10 * DAY)];
    await appendAuditEvents(database, [today, past, far]);
    expect(await tableOf(today.id)).toBe(`audit_event_${dayName(now)}`);
    expect(await tableOf(past.id)).toBe('audit_event_default');
    expect(await tableOf(far.id)).toBe('audit_event_default');
    const made = await ensurePartitions(database, 11);
    expect(made).toContain(dayName(now + 11 * DAY));
    expect(made).not.toContain(dayName(now + 10 * DAY));
    expect(await findAuditEvent(database, far.id)).toEqual(far);
  });
});

describe('an audit event', () => {
  it('comes back as it was written', async () => {
    const { database } = test();
    const detail = { request: 'r"\\{},', entities: ['Consent/a/_history/1'] };
    const full = event(instant(1), { patientKey: keyOf('audited'), clientId: 'gp, "x"', outcome: '4', detail });
    await appendAuditEvents(database, [full, event(instant(1))]);
    expect(await findAuditEvent(database, full.id)).toEqual(full);
  });

  it.each(['', 'x', '00000000-0000-4000-8000-000000000000', 'ffffffff-ffff-7fff-bfff-ffffffffffff'])(
    'is not found under %j',
    async (id) => {
      expect(await findAuditEvent(test().database, id)).toBeUndefined();
      expect(await countAuditEvents(test().database, { ids: [id] })).toBe(0);
    },
  );

  it.each(['update audit_event set outcome = 8', 'delete from audit_event', 'delete from audit_event_default'])(
    'is not changed by: %s',
    async (statement) => {
      const { database } = test();
      const before = await countAuditEvents(database, {});
      await appendAuditEvents(database, [event(instant(2))]);
      await expect(database.query(statement)).rejects.toThrow();
      expect(await countAuditEvents(database, {})).toBe(before + 1);
    },
  );
});

describe('what the audit log remembers of a citizen', () => {
  const mine = keyOf('remembered');
  const detail = { tried: true, ura: '00000666' };

  beforeAll(() =>
    appendAuditEvents(test().database, [
      event(instant(200), { patientKey: mine, detail }),
      event(instant(201), { patientKey: mine, detail }),
      event(instant(201), { patientKey: mine, detail: { ura: '00000666' } }),
      event(instant(202), { patientKey: mine }),
      event(instant(202), { patientKey: keyOf('someone else'), detail }),
      event(instant(202), { detail }),
    ]),
  );

  it.each([
    [{ tried: true }, 199, 2],
    [{ tried: true }, 200, 1],
    [{ tried: true }, 201, 0],
    [{ ura: '00000666' }, 199, 3],
    [{ ura: '00000666', tried: true }, 199, 2],
    [{ ura: '00000659' }, 199, 0],
    [{ tried: false }, 199, 0],
  ])('with %j, after moment %d, is counted: %d', async (marks, since, count) => {
    expect(await countRecentEvents(test().database, mine, instant(since), marks)).toBe(count);
  });
});

describe('a search in the audit log', () => {
  const mine = keyOf('searched');
  const events = [0, 1, 2, 3, 4].map((n) =>
    event(instant(100 + Math.floor(n / 2)), {
      // In one millisecond the id decides the order.
      id: v7({ msecs: instant(100 + Math.floor(n / 2)), seq: n }),
      patientKey: n === 4 ? keyOf('someone else') : mine,
      clientId: n % 2 === 0 ? 'gp' : 'hospital',
      interaction: n === 3 ? 'Consent.choose' : 'Consent.check',
      outcome: n === 2 ? '4' : '0',
    }),
  );
  const numbers = (rows: readonly AuditEventRow[]) => rows.map(({ id }) => events.findIndex((one) => one.id === id));

  beforeAll(() => appendAuditEvents(test().database, events));

  const recorded = [{ prefix: 'gt', from: instant(99), to: instant(100) + 1 } as const];
  it.each([
    { selection: { patientKeys: [mine] }, found: [3, 2, 1, 0] },
    { selection: { patientKeys: [] }, found: [] },
    { selection: { patientKeys: [mine], clientIds: ['gp'] }, found: [2, 0] },
    { selection: { patientKeys: [mine], interactions: ['Consent.choose'] }, found: [3] },
    { selection: { patientKeys: [mine], outcomes: ['4', '8'] }, found: [2] },
    { selection: { patientKeys: [mine], recorded }, found: [3, 2] },
    { selection: { ids: [events[1]?.id ?? '', 'x'] }, found: [1] },
  ])('by %# finds $found, newest first', async ({ selection, found }) => {
    const { rows } = await searchAuditEvents(test().database, { ...selection, count: 10 });
    expect(numbers(rows)).toEqual(found);
    expect(await countAuditEvents(test().database, selection)).toBe(found.length);
  });

  it.each([true, false])('is paged without gap or repetition, ascending %s', async (ascending) => {
    const request = { patientKeys: [mine], count: 3, ascending };
    const first = await searchAuditEvents(test().database, request);
    const second = await searchAuditEvents(test().database, { ...request, cursor: first.next ?? [] });
    expect(numbers([...first.rows, ...second.rows])).toEqual(ascending ? [0, 1, 2, 3] : [3, 2, 1, 0]);
    expect(second.next).toBeUndefined();
  });

  it.each([[[]], [[1, 'x']], [['x', '']]])('refuses %j as a cursor', async (cursor) => {
    const reading = searchAuditEvents(test().database, { count: 1, cursor });
    await expect(reading).rejects.toMatchObject({ kind: 'malformed' });
  });
});
