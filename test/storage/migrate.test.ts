import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { migrate } from '../../src/storage/migrate.ts';
import { openTestDatabase, type TestDatabase, useTestDatabase, LIMIT_MS } from '../setup/test-database.ts';

const test = useTestDatabase();
const MIGRATIONS = new URL('../../migrations/', import.meta.url);
const ALL = readdirSync(MIGRATIONS)
  .map((file) => file.replace('.sql', ''))
  .sort();

/** SHA-256 of those that databases out there have run: what a database needs after it is a migration of its own. */
const RELEASED = {
  '0001_register': '5cdd5a40efa9b596ad182c2853b5c33123d01c02920c94281ed74dc6b9662c6d',
  '0002_whole_life': 'a986ab853cdb267491a4c2a4f3e2ad92074b8759b7c33bef1e260af98c0cc124',
  '0003_notifications': 'a39f39813e77d5010d84d571ad09ba2c29d5a2e284065a63dc259182324fbd98',
  '0004_pairing': 'a9473a6ceb08ec1da28e437eee0b0938d57bdabef5e26eb44d1a5908413701de',
  '0006_mail': '0f0f483a9233eb8ca031097d2f534b48521fd0b58c3597e76b466d3d95d7c04d',
  '0007_provenance': '00210560bc7cc9599986218fd2d43424832789a0c6688e9551283fde069c1421',
  '0008_vault_secret': '01086f4d7818c2b6350dc74b72676d05a4f478a6c031dfb0e29654830d547bd7',
  '0009_migration': 'd9cab2aa563975eeadf6c8a47244648509b443ecfac59b62a9430155541d2052',
  '0010_tries_in_the_log': '2231495f93adf6e8241cf2619f340db83c0b315b8f6fe479728c3a0e4f2614e1',
  '0011_clients': 'c6feea0ae0abf1ca6e7fd6fbbe4855b6ff6e74b6f51014dd2fb6587ed7046e6b',
  '0012_access_tokens': '7c17902c856af7b5361e6f8111a472a27595a0cb8eceedbd35120f4966469123',
  '0013_calls_and_keys': 'e3fa6efaf53d2cee498eb127b8465a63d8130685db157a5cff7cb10581ba7298',
  '0014_log_owner': '6afb63f42a891ba6e8b5f9554709a9f5c5c4a70aff6aa36bde1f19b663efaf97',
  '0015_sign_in': '8633d713a8e97081a04ca44d25613cd970b020298606a54b92c2e98dad38c0dd',
};

const KEY = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);

describe('migrations', () => {
  it('leave a database that is up to date alone', async () => {
    expect(await migrate(test().url)).toEqual([]);
  });

  it(
    'run once when two servers start together',
    async () => {
      const empty = await openEmpty();
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

  it.each(Object.entries(RELEASED))('%s stays what databases have run', (name, digest) => {
    const text = readFileSync(new URL(`${name}.sql`, MIGRATIONS));
    expect(createHash('sha256').update(text).digest('hex')).toBe(digest);
  });

  it(
    'bring along the rows of a database that stopped at 0009',
    async () => {
      const empty = await openEmpty();
      await migrateTo(empty.url, '0009_migration');
      await empty.database.query('insert into pairing_try values ($1, now(), 3)', [KEY]);
      await empty.database.query(
        `insert into mail_address (patient_key, language, confirmed, proposals, proposals_since)
         values ($1, 'nl', 'sealed', 1, now()), ($2, 'en', null, 2, now())`,
        [KEY, OTHER],
      );
      const migrated = `insert into migrated_consent (patient_key, holder, consent_id, version, taken_back)
        values ($1, '00000001', $2, 1, '{}')`;
      await empty.database.query(migrated, [KEY, 'first']);
      expect(await migrate(empty.url)).toEqual(ALL.filter((name) => name > '0009_migration'));
      await empty.database.query(migrated, [KEY, 'second']);
      expect((await empty.database.query('select confirmed from mail_address')).rows).toEqual([
        { confirmed: 'sealed' },
      ]);
      const { rows } = await empty.database.query('select consent_id from migrated_consent order by 1');
      expect(rows).toEqual([{ consent_id: 'first' }, { consent_id: 'second' }]);
      await empty.close();
    },
    LIMIT_MS,
  );
});

/** A database that nothing was ever done with. */
async function openEmpty(): Promise<TestDatabase> {
  const opened = await openTestDatabase();
  await opened.database.query('drop schema public cascade');
  await opened.database.query('create schema public');
  return opened;
}

/** As a server of an earlier version left it. */
async function migrateTo(url: string, last: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const settings = { direction: 'up', noLock: true, singleTransaction: true, count: ALL.indexOf(last) + 1 } as const;
  const dir = fileURLToPath(MIGRATIONS);
  await runner({ dbClient: client, dir, migrationsTable: 'migration', ...settings, log: () => undefined });
  await client.end();
}
