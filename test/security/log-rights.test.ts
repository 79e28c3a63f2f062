import pg from 'pg';
import { mayChangeLog } from '../../src/storage/application-rights.ts';
import { appendAuditEvents, type AuditEventRow } from '../../src/storage/audit-event.ts';
import { ensurePartitions } from '../../src/storage/audit-partitions.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { auditId } from '../../src/audit/record.ts';
import { LIMIT_MS, openTestDatabase, useTestDatabase } from '../setup/test-database.ts';

const test = useTestDatabase();

const TODAY = new Date();
const PARTITION = `audit_event_${TODAY.toISOString().slice(0, 10).replaceAll('-', '')}`;

/** What PostgreSQL answers to somebody who may not, or who tries to become somebody else. */
const REFUSED = '42501';

/** Everything with which the log could be changed or emptied, and what could lead there. */
const ATTEMPTS = [
  'update audit_event set outcome = 8',
  `update audit_event set detail = detail || '{"problem": "x"}' where id = id`,
  'delete from audit_event',
  'truncate audit_event',
  'truncate audit_event_default',
  `truncate ${PARTITION}`,
  'delete from audit_event_default',
  `delete from ${PARTITION}`,
  `update ${PARTITION} set outcome = 8`,
  `insert into ${PARTITION} select * from audit_event`,
  `select * from ${PARTITION}`,
  'select * from audit_event_default',
  'do $$ begin lock table audit_event in access exclusive mode; end $$',
  `merge into audit_event as t using (select 1) as s on true when matched then delete`,
  `insert into audit_event select * from audit_event on conflict do nothing returning (select 1 from ${PARTITION})`,
  `alter table audit_event detach partition ${PARTITION}`,
  `drop table ${PARTITION}`,
  'drop table audit_event cascade',
  'alter table audit_event disable trigger all',
  'alter table audit_event rename to lost',
  'alter table audit_event owner to current_user',
  'create trigger eat before insert on audit_event for each row execute function refuse_change()',
  'create rule eat as on insert to audit_event do instead nothing',
  'create function eat() returns trigger language plpgsql as $$ begin return null; end $$',
  'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return new; end $$',
  `create or replace function make_audit_days(integer) returns setof text language sql as 'select 1::text'`,
  'drop schema public cascade',
  'set session_replication_role = replica',
  'update provenance set ura = null',
  'delete from migration',
  'create role another superuser',
  `copy audit_event to program 'cat'`,
  `select pg_read_file('PG_VERSION')`,
];

function event(): AuditEventRow {
  const recordedAt = TODAY.getTime();
  return { id: auditId(recordedAt), recordedAt, interaction: 'unknown', outcome: '0', detail: {} };
}

async function openApplication(): Promise<{ readonly client: pg.Client; readonly owner: string }> {
  const client = new pg.Client({ connectionString: test().applicationUrl });
  await client.connect();
  return { client, owner: new URL(test().url).username };
}

async function codeOf(client: pg.Client, text: string): Promise<string> {
  return client.query(text).then(
    () => 'done',
    (error: unknown) => (error as pg.DatabaseError).code ?? 'unknown',
  );
}

describe("the application's login", () => {
  let application: pg.Client;
  let owner: string;

  beforeAll(async () => {
    await ensurePartitions(test().database, 1);
    ({ client: application, owner } = await openApplication());
    await appendAuditEvents(test().database, [event()]);
  });

  afterAll(() => application.end());

  it('adds to the log and reads it', async () => {
    const database = await openDatabase(test().applicationUrl);
    await appendAuditEvents(database, [event()]);
    const { rows } = await database.query('select id from audit_event');
    expect(rows).toHaveLength(2);
    await database.close();
  });

  it.each(ATTEMPTS)('is refused: %s', async (text) => {
    expect(await codeOf(application, text)).toBe(REFUSED);
  });

  it('cannot become anybody else', async () => {
    for (const attempt of [`set role ${owner}`, `set session authorization ${owner}`, `set role pg_write_all_data`]) {
      expect([attempt, await codeOf(application, attempt)]).toEqual([attempt, REFUSED]);
    }
    const harmless = [
      'reset role',
      'reset session authorization',
      'discard all',
      'grant delete on audit_event to public',
    ];
    for (const attempt of harmless) {
      expect([attempt, await codeOf(application, attempt)]).toEqual([attempt, 'done']);
      expect(await codeOf(application, 'delete from audit_event')).toBe(REFUSED);
    }
  });

  it('has partitions made of which it may not touch a row either', async () => {
    const database = await openDatabase(test().applicationUrl);
    const made = await ensurePartitions(database, 3);
    expect(made).toHaveLength(2);
    for (const day of made) {
      for (const text of [
        `delete from audit_event_${day}`,
        `truncate audit_event_${day}`,
        `drop table audit_event_${day}`,
      ])
        expect(await codeOf(application, text)).toBe(REFUSED);
    }
    await expect(ensurePartitions(database, 4000)).rejects.toThrow('database error P0001');
    await database.close();
  });

  it('leaves all rows where they are', async () => {
    const { rows } = await test().database.query<{ outcome: string }>('select outcome from audit_event');
    expect(rows).toEqual([{ outcome: '0' }, { outcome: '0' }]);
  });
});

describe('what the application is refused', () => {
  it.each(ATTEMPTS.filter((text) => /^(truncate|drop table|alter table .* (disable|detach|rename))/.test(text)))(
    'the owner could do: %s',
    async (text) => {
      const owner = new pg.Client({ connectionString: test().url });
      await owner.connect();
      await owner.query('begin');
      expect(await codeOf(owner, text)).toBe('done');
      await owner.query('rollback');
      await owner.end();
    },
  );
});

describe('a login that may change the log', () => {
  /** A login of this test, with what `make` gives it. */
  async function loginWith(
    make: (name: string, owner: string) => string[],
  ): Promise<{ database: Database; remove(): Promise<void> }> {
    const { database, url } = await openTestDatabase();
    const name = `login_${Math.random().toString(36).slice(2)}`;
    await database.query(`create role ${name} login password 'of-this-test'`);
    const address = new URL(url);
    [address.username, address.password] = [name, 'of-this-test'];
    await migrate(url, address.href);
    for (const statement of make(name, new URL(url).username)) await database.query(statement);
    const opened = await openDatabase(address.href);
    const remove = async (): Promise<void> => {
      await opened.close();
      await database.query(`drop owned by ${name} cascade`);
      await database.query(`drop role ${name}`);
      await database.close();
    };
    return { database: opened, remove };
  }

  it.each([
    { what: 'nothing more', make: () => [], may: false },
    { what: 'a privilege of its own', make: (name: string) => [`grant update on audit_event to ${name}`], may: true },
    { what: 'a column', make: (name: string) => [`grant update (outcome) on audit_event to ${name}`], may: true },
    { what: 'a partition', make: (name: string) => [`grant truncate on audit_event_default to ${name}`], may: true },
    { what: 'a privilege of everybody', make: () => ['grant delete on audit_event to public'], may: true },
    { what: 'triggers', make: (name: string) => [`grant trigger on audit_event to ${name}`], may: true },
    { what: 'a role it may take', make: (name: string) => [`grant pg_write_all_data to ${name}`], may: true },
    { what: 'the owner', make: (name: string, owner: string) => [`grant ${owner} to ${name}`], may: true },
    { what: 'the schema', make: (name: string) => [`alter schema public owner to ${name}`], may: true },
    { what: 'superpowers', make: (name: string) => [`alter role ${name} superuser`], may: true },
    { what: 'programs', make: (name: string) => [`grant pg_execute_server_program to ${name}`], may: true },
    { what: 'a harmless role', make: (name: string) => [`grant pg_monitor to ${name}`], may: false },
  ])(
    'is known as one: with $what it is $may',
    async ({ make, may }) => {
      const login = await loginWith(make);
      try {
        expect(await mayChangeLog(login.database)).toBe(may);
      } finally {
        await login.remove();
      }
    },
    LIMIT_MS,
  );
});
