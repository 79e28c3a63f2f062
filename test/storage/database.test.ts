import { setTimeout as sleep } from 'node:timers/promises';
import { lockPatients } from '../../src/storage/lock-patients.ts';
import { readClock, timestamp } from '../../src/storage/clock.ts';
import { asProblem } from '../../src/storage/database-problem.ts';
import { inTransaction, openDatabase } from '../../src/storage/database.ts';
import { openTestDatabase, useTestDatabase, LIMIT_MS } from '../setup/test-database.ts';
import { keyOf } from './rows.ts';

const test = useTestDatabase();

const END_OTHERS = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

describe('values', () => {
  it('come out as whole milliseconds, numbers, bytes and JSON', async () => {
    const text = `select '2026-03-01 11:00:00.1239+01'::timestamptz as t, 9007199254740991::bigint as n,
      '\\x00ff'::bytea as b, '{"a":[1]}'::jsonb as j, array['x', null] as l, null::timestamptz as nothing`;
    const { rows } = await test().database.query(text);
    const t = Date.UTC(2026, 2, 1, 10, 0, 0, 123);
    expect(rows).toEqual([
      { t, n: 9007199254740991, b: Buffer.from([0, 255]), j: { a: [1] }, l: ['x', null], nothing: null },
    ]);
  });

  it.each([0, 1, 1_772_359_200_123, 253_402_214_399_999])('of time go in exactly: %d', async (instant) => {
    const { rows } = await test().database.query('select $1::timestamptz as t', [timestamp(instant)]);
    expect(rows).toEqual([{ t: instant }]);
  });
});

describe('a database that could lose what it acknowledged', () => {
  it(
    'is refused',
    async () => {
      const other = await openTestDatabase();
      const name = new URL(other.url).pathname.slice(1);
      await other.database.query(`alter database ${name} set synchronous_commit = off`);
      await expect(openDatabase(other.url)).rejects.toThrow('switch on synchronous_commit');
      await other.database.query(`alter database ${name} set synchronous_commit = on`);
      await (await openDatabase(other.url)).close();
      await other.close();
    },
    LIMIT_MS,
  );
});

describe('a failure', () => {
  const unavailable = { kind: 'unavailable', issues: [{ code: 'database-unavailable' }] };

  it('to reach the server is "unavailable"', async () => {
    await expect(openDatabase('postgresql://someone@127.0.0.1:1/none')).rejects.toMatchObject(unavailable);
  });

  it('of a connection in a transaction is "unavailable", and the next transaction works', async () => {
    const { database } = test();
    const lost = inTransaction(database, async (sql) => {
      await database.query(END_OTHERS);
      return sql.query('select 1');
    });
    await expect(lost).rejects.toMatchObject(unavailable);
    expect(await inTransaction(database, (sql) => readClock(sql))).toBeGreaterThan(0);
  });

  it('of a connection that is lent and not used yet ends nothing, and what is asked of it fails', async () => {
    const database = await openDatabase(test().url, { max: 1 });
    const lent = await database.connect();
    const ended = new Promise<void>((resolve) => lent.once('end', resolve));
    await test().database.query(END_OTHERS);
    await ended;
    await expect(lent.query('select 1')).rejects.toThrow();
    lent.release();
    expect(await readClock(database)).toBeGreaterThan(0);
    await database.close();
  });

  it('of idle connections goes unnoticed', async () => {
    const { database } = test();
    await Promise.all([1, 2, 3].map(() => database.query('select pg_sleep(0.01)')));
    await database.query(END_OTHERS);
    await sleep(50);
    expect(await readClock(database)).toBeGreaterThan(0);
  });

  it.each([
    ['set local statement_timeout = 10', 'select pg_sleep(5)'],
    [`set local lock_timeout = 10`, `select pg_advisory_xact_lock(1)`],
  ])('by time-out (%s) is "unavailable"', async (limit, text) => {
    const { database } = test();
    await inTransaction(database, async (holder) => {
      await holder.query('select pg_advisory_xact_lock(1)');
      const late = inTransaction(database, async (sql) => {
        await sql.query(limit);
        return sql.query(text);
      });
      await expect(late).rejects.toMatchObject(unavailable);
    });
  });

  it('to do anything in a transaction is "unavailable", and its connection is given up', async () => {
    const { database } = test();
    const idle = inTransaction(database, async (sql) => {
      await sql.query('set local idle_in_transaction_session_timeout = 20');
      const { rows } = await sql.query<{ pid: number }>('select pg_backend_pid() as pid');
      const gone = 'select from pg_stat_activity where pid = $1';
      while ((await database.query(gone, [rows[0]?.pid])).rowCount > 0) await sleep(5);
      return sql.query('select 1');
    });
    await expect(idle).rejects.toMatchObject(unavailable);
    expect(await readClock(database)).toBeGreaterThan(0);
  });

  it('to end is not waited for: every connection of the pool has its limits', async () => {
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const settings = `select pg_sleep(0.05), ${names.map((name) => `current_setting('${name}') as ${name}`).join()}`;
    const answers = await Promise.all(Array.from({ length: 10 }, () => test().database.query(settings)));
    for (const { rows } of answers) {
      expect(rows).toMatchObject([
        { statement_timeout: '20s', lock_timeout: '10s', idle_in_transaction_session_timeout: '30s' },
      ]);
    }
  });

  it('of ours says neither value nor statement, and ends as "unavailable"', async () => {
    const error: unknown = await test()
      .database.query(`select $1::integer`, ['hidden'])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('hidden');
    expect(asProblem(error)).toMatchObject({ kind: 'unavailable', issues: [{ code: 'unexpected' }] });
  });

  it('to store a character no text can hold is "malformed"', async () => {
    const { database } = test();
    await expect(database.query('select $1::text', ['a\0b'])).rejects.toMatchObject({ kind: 'malformed' });
    await expect(database.query('select $1::jsonb', [{ a: '\0' }])).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('recordings for the same citizen', () => {
  it('wait for each other, those for others do not', async () => {
    const { database } = test();
    const [one, two] = [keyOf('one'), keyOf('two')];
    const steps: string[] = [];
    await inTransaction(database, async (first) => {
      await lockPatients(first, [two, one, one]);
      const same = inTransaction(database, async (sql) => {
        await lockPatients(sql, [one, two]);
        steps.push('same');
        return readClock(sql);
      });
      await inTransaction(database, (sql) => lockPatients(sql, [keyOf('three')]));
      steps.push('other');
      const before = await readClock(first);
      void same.then((now) => steps.push(now >= before ? 'later' : 'earlier'));
    });
    await inTransaction(database, (sql) => lockPatients(sql, [one]));
    await sleep(50);
    expect(steps).toEqual(['other', 'same', 'later']);
  });
});

describe('an idle connection that breaks', () => {
  const ended = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`;

  it('is told, and not when it was being closed', async () => {
    const { database, url } = test();
    const told: string[] = [];
    const openAs = (applicationName: string) =>
      openDatabase(url, { applicationName, onConnectionLost: () => told.push(applicationName) });
    const idle = await openAs('idle');
    await database.query(ended, ['idle']);
    while (told.length === 0) await sleep(5);
    await idle.close();
    for (let round = 0; round < 20; round += 1) {
      const closing = await openAs('closing');
      const end = database.query(ended, ['closing']);
      await closing.close();
      await end;
    }
    expect(told).toEqual(['idle']);
  });
});
