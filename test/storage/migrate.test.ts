import { readdirSync } from 'node:fs';
import { migrate } from '../../src/storage/migrate.ts';
import { openTestDatabase, useTestDatabase, LIMIT_MS } from '../setup/test-database.ts';

const test = useTestDatabase();
const ALL = readdirSync(new URL('../../migrations/', import.meta.url))
  .map((file) => file.replace('.sql', ''))
  .sort();

describe('migrations', () => {
  it('leave a database that is up to date alone', async () => {
    expect(await migrate(test().url)).toEqual([]);
  });

  it(
    'run once when two servers start together',
    async () => {
      const empty = await openTestDatabase();
      await empty.database.query('drop schema public cascade');
      await empty.database.query('create schema public');
      const runs = await Promise.all([migrate(empty.url), migrate(empty.url), migrate(empty.url)]);
      expect(runs.filter((names) => names.length > 0)).toEqual([ALL]);
      const { rows } = await empty.database.query('select name from migration');
      expect(rows).toEqual(ALL.map((name) => ({ name })));
      await empty.close();
    },
    LIMIT_MS,
  );

  it('are for the owner; the login of servers sees whether they are done', async () => {
    const { url, applicationUrl, database } = test();
    expect(await migrate(applicationUrl)).toEqual([]);
    await database.query(`delete from migration where name = $1`, [ALL.at(-1)]);
    await expect(migrate(applicationUrl)).rejects.toThrow(
      'The database has to be migrated first, by the login that owns it: set DATABASE_OWNER_URL.',
    );
    await database.query('insert into migration (name, run_on) values ($1, now())', [ALL.at(-1)]);
    expect(await migrate(url)).toEqual([]);
  });
});
