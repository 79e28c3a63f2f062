import pg from 'pg';
import { useTestServer } from '../setup/test-server.ts';
import { decided } from './family.ts';
import { storedRows } from './ledger.ts';
import { lines, migrate, migrated, migrateLines, outcomesOf, patientOf } from './migrating.ts';
import { openMigration } from './open-migration.ts';

const server = useTestServer();
const run = (statements: string) => server().database.database.query(statements);
const patients = (count: number) => Promise.all(Array.from({ length: count }, () => patientOf(server())));
const item = (bsn: string) => migrated(bsn, { permit: ['RPZAC005'] });

/** The database refuses whatever is written about this citizen. */
async function refuseCitizen(bsn: string): Promise<void> {
  const key = server().server.register.vault.keyOf(bsn).toString('hex');
  await run(`
    create or replace function refuse_one() returns trigger language plpgsql as $$
    begin
      if encode(new.patient_key, 'hex') = '${key}' then raise exception 'not this one'; end if;
      return new;
    end $$;
    create trigger refuse_one before insert on consent for each row execute function refuse_one()`);
}

describe('an item that the database cannot store', () => {
  it('does not keep the others of its chunk from being stored', async () => {
    const bsns = await patients(5);
    await refuseCitizen(bsns[2] ?? '');
    const first = await migrateLines(server(), lines(bsns.map(item)));
    await run('drop trigger refuse_one on consent; drop function refuse_one');
    const verdicts = bsns.map((_, at) => (at === 2 ? '503 unexpected' : '201 created'));
    expect(outcomesOf(first)).toEqual(verdicts);
    for (const [at, bsn] of bsns.entries()) {
      expect(await decided(server(), bsn)).toBe(at === 2 ? 'deny no-consent' : 'permit consent-given');
    }
    const again = outcomesOf(await migrateLines(server(), lines(bsns.map(item))));
    expect(again).toEqual(bsns.map((_, at) => (at === 2 ? '201 created' : '200 unchanged')));
  });
});

describe('while nothing can be recorded', () => {
  it('no item is said to be created, and the rest is not tried', async () => {
    const bsns = await patients(12);
    const before = await storedRows(server());
    const migration = await openMigration(server());
    await migration.send(lines(bsns.slice(0, 2).map(item)));
    await migration.entries(2);
    await run('alter table audit_event rename to lost');
    try {
      await migration.send(lines(bsns.slice(2).map(item)));
      const statuses = (await migration.entries(12)).map(({ response }) => response?.status);
      expect(statuses).toEqual([...Array<string>(2).fill('201'), ...Array<string>(10).fill('503')]);
      expect(await migration.end()).toMatch(/\]\}\n$/);
    } finally {
      await run('alter table lost rename to audit_event');
    }
    const stored = await storedRows(server());
    expect((stored['consent'] ?? 0) - (before['consent'] ?? 0)).toBe(2);
    const again = outcomesOf(await migrate(server(), bsns.map(item)));
    expect(again).toEqual(bsns.map((_, at) => (at < 2 ? '200 unchanged' : '201 created')));
  });

  /** Runs statements beside the database of this test. */
  async function beside(...statements: readonly string[]): Promise<void> {
    const url = new URL(server().database.url);
    url.pathname = '/postgres';
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  it('because the database is out of reach, what was read is refused, and running it again loses none', async () => {
    const bsns = await patients(4);
    const name = new URL(server().database.url).pathname.slice(1);
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
    const migration = await openMigration(server());
    await migration.send(lines(bsns.slice(0, 1).map(item)));
    await migration.entries(1);
    await beside(`alter database ${name} allow_connections false`, kill);
    try {
      await migration.send(lines(bsns.slice(1).map(item)));
      const statuses = (await migration.entries(4)).map(({ response }) => response?.status);
      expect(statuses).toEqual(['201', '503', '503', '503']);
      await migration.end();
    } finally {
      await beside(`alter database ${name} allow_connections true`);
    }
    expect(outcomesOf(await migrate(server(), bsns.map(item)))).toEqual([
      '200 unchanged',
      '201 created',
      '201 created',
      '201 created',
    ]);
  });
});
