import { v7 } from 'uuid';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { removeExpired } from '../../src/audit/remove-expired.ts';
import { appendAuditEvents, type AuditEventRow } from '../../src/storage/audit-event.ts';
import { firstKeptDay } from '../../src/storage/audit-retention.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { validate } from '../../src/fhir/validate.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { buildServer } from '../start/built-server.ts';
import { databaseIn, newFolder, removeFolders } from '../start/data-folders.ts';
import { run, sentence, start, stopAll, stopServer } from '../start/running-server.ts';
import { entriesOf } from '../http/answers.ts';
import { detailsOf } from '../http/citizens.ts';

const server = useTestServer();
const DAY = 86_400_000;

beforeAll(buildServer, LIMIT_MS);
afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

const database = () => server().database.database;
const dayOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

/** Midnight (UTC) at which the oldest day that stays begins. */
async function keptFrom(years: number): Promise<number> {
  return Date.parse(await firstKeptDay(database(), years));
}

function event(recordedAt: number): AuditEventRow {
  return { id: v7({ msecs: recordedAt }), recordedAt, interaction: 'unknown', outcome: '4', detail: {} };
}

async function partitionFor(instant: number): Promise<void> {
  const [day, next] = [dayOf(instant), dayOf(instant + DAY)];
  const name = `audit_event_${day.replaceAll('-', '')}`;
  await database().query(
    `create table ${name} partition of audit_event for values from ('${day}T00:00Z') to ('${next}T00:00Z')`,
  );
}

/** Which of these the log still has. */
async function left(events: readonly AuditEventRow[]): Promise<string[]> {
  const ids = events.map(({ id }) => id);
  const { rows } = await database().query<{ id: string }>('select id from audit_event where id = any($1)', [ids]);
  return rows.map(({ id }) => id).sort();
}

const idsOf = (events: readonly AuditEventRow[]) => events.map(({ id }) => id).sort();

describe('the retention of the log', () => {
  it('removes whole days that are old enough, with and without a partition, and leaves the day after', async () => {
    const kept = await keptFrom(5);
    await partitionFor(kept - DAY);
    await partitionFor(kept - 3 * DAY);
    const old = [kept - 1, kept - DAY, kept - 2 * DAY, kept - 2 * DAY, kept - 3 * DAY, kept - 900 * DAY].map(event);
    const young = [kept, kept + 1, kept + DAY, kept + 400 * DAY].map(event);
    await appendAuditEvents(database(), [...old, ...young]);

    const done = await removeExpired(database(), 5);

    expect(done).toEqual({
      kept: dayOf(kept),
      removed: [
        { day: dayOf(kept - 900 * DAY), count: 1 },
        { day: dayOf(kept - 3 * DAY), count: 1 },
        { day: dayOf(kept - 2 * DAY), count: 2 },
        { day: dayOf(kept - DAY), count: 2 },
      ],
    });
    expect(await left(old)).toEqual([]);
    expect(await left(young)).toEqual(idsOf(young));
    const { rows } = await database().query(`select relname from pg_class where relname = $1`, [
      `audit_event_${dayOf(kept - DAY).replaceAll('-', '')}`,
    ]);
    expect(rows).toEqual([]);
    expect(await removeExpired(database(), 5)).toEqual({ kept: dayOf(kept), removed: [] });
  });

  it('keeps for longer what is to be kept for longer', async () => {
    const kept = await keptFrom(7);
    const [old, young] = [event(kept - 1), event(kept)];
    await appendAuditEvents(database(), [old, young]);
    expect((await removeExpired(database(), 7)).removed).toEqual([{ day: dayOf(kept - 1), count: 1 }]);
    expect(await left([old, young])).toEqual([young.id]);
  });

  it('leaves the log append-only, and a record of each day that it removed', async () => {
    const kept = await keptFrom(5);
    await appendAuditEvents(database(), [event(kept - 5 * DAY), event(kept - 5 * DAY)]);
    await removeExpired(database(), 5);
    await expect(database().query('delete from audit_event_default')).rejects.toThrow('P0001');
    const found = await server().fhir<Bundle>('/AuditEvent?subtype=retention&_count=1', { as: 'auditor' });
    const [shown] = entriesOf<AuditEvent>(found);
    expect(detailsOf(shown ?? ({} as never))).toEqual({ removed: [`${dayOf(kept - 5 * DAY)}: 2`] });
    expect([shown?.action, shown?.outcome, shown?.agent[0]?.who?.identifier?.value]).toEqual(['D', '0', 'operator']);
    expect(validate(server().server.register.conformance, 'AuditEvent', shown)).toEqual([]);
  });

  it('removes nothing for who is not the owner', async () => {
    const kept = await keptFrom(5);
    const old = event(kept - 8 * DAY);
    await appendAuditEvents(database(), [old]);
    const application = await openDatabase(server().database.applicationUrl);
    await expect(removeExpired(application, 5)).rejects.toThrow('database error 42501');
    await application.close();
    expect(await left([old])).toEqual([old.id]);
  });
});

describe('the retention as a command', () => {
  const retain = (settings = {}) => {
    const { url, applicationUrl } = server().database;
    const database = { DATABASE_URL: applicationUrl, DATABASE_OWNER_URL: url, SANDBOX: 'true' };
    return run(['node', 'dist/retention.js'], { ...database, ...settings });
  };

  it(
    'says in one line what it did, beside a server that runs',
    async () => {
      const kept = await keptFrom(6);
      const [old, young] = [event(kept - 1), event(kept)];
      await appendAuditEvents(database(), [old, young]);
      const { code, stdout, stderr } = await retain({ AUDIT_RETENTION_YEARS: '6' });
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ kept: dayOf(kept), removed: expect.any(Array) as unknown });
      expect(await left([old, young])).toEqual([young.id]);
    },
    LIMIT_MS,
  );

  it(
    'goes beside a server on its embedded database, and without one',
    async () => {
      const dataDir = newFolder();
      const retainThere = async () => {
        const { code, stdout, stderr } = await run(['node', 'dist/retention.js'], { DATA_DIR: dataDir });
        expect([code, stderr, JSON.parse(stdout) as object]).toEqual([
          0,
          '',
          { kept: dayOf(await keptFrom(5)), removed: [] },
        ]);
      };
      const running = await start({ DATA_DIR: dataDir });
      await retainThere();
      expect((await fetch(`${running.baseUrl}/health/ready`)).status).toBe(200);
      await stopServer(running);
      await retainThere();
      expect(await databaseIn(dataDir)).toEqual([]);
    },
    LIMIT_MS,
  );

  it.each(['4', '0', '-1', '4.9', 'five'])(
    'is refused with one sentence for %s years, and removes nothing',
    async (years) => {
      const old = event((await keptFrom(5)) - 20 * DAY);
      await appendAuditEvents(database(), [old]);
      const ended = await retain({ AUDIT_RETENTION_YEARS: years });
      expect([ended.code, ended.stdout]).toEqual([1, '']);
      expect(sentence(ended)).toMatch(/^AUDIT_RETENTION_YEARS: [^.]+\.$/);
      expect(await left([old])).toEqual([old.id]);
    },
    LIMIT_MS,
  );
});
