import { setTimeout as sleep } from 'node:timers/promises';
import { LIMIT_MS } from '../setup/test-database.ts';
import { newFolder } from '../start/data-folders.ts';
import { start } from '../start/running-server.ts';
import { CERTAIN } from './lengths.ts';
import { inDatabase } from './own-postgres.ts';
import { OwnServer } from './own-server.ts';
import { schemaOf } from './schema.ts';
import { useOwn } from './use-own.ts';

/** The database that one server has migrated without being disturbed is the measure for the others. */
const own = useOwn();

let databases = 0;

/** An empty database, and the settings of a server on it. */
async function emptyDatabase(): Promise<{ readonly name: string; readonly settings: Record<string, string> }> {
  const { postgres } = own();
  databases += 1;
  const name = `other_${databases}`;
  await postgres.query(`create database ${name}`);
  const urls = {
    DATABASE_URL: inDatabase(postgres.applicationUrl, name),
    DATABASE_OWNER_URL: inDatabase(postgres.url, name),
  };
  return { name, settings: { ...urls, SANDBOX: 'true', DATA_DIR: newFolder(), LOG_LEVEL: 'info' } };
}

// A migration that takes its time, so that it has a middle.
const SLOW_DOWN = `
  create schema pace;
  create function pace.wait() returns event_trigger language plpgsql as $$ begin perform pg_sleep(0.02); end $$;
  create event trigger pace on ddl_command_start execute function pace.wait()`;

const HAS_CHANGED = `select from pg_stat_activity
  where datname = $1 and application_name = 'akkoord-migrate' and backend_xid is not null`;

const IS_MIGRATED = `select to_regclass('consent') is not null as done`;

async function isMigrated(name: string): Promise<boolean> {
  const [row] = await own().postgres.query<{ done: boolean }>(IS_MIGRATED, [], name);
  return row?.done ?? false;
}

/** Ends a server when its migration has begun to change something. @returns whether none of it stayed */
async function endMidway(signal: NodeJS.Signals, name: string, settings: Record<string, string>): Promise<boolean> {
  const { postgres } = own();
  await postgres.query(SLOW_DOWN, [], name);
  const until = async () => (await postgres.query(HAS_CHANGED, [name])).length > 0 || isMigrated(name);
  const { child, ended } = await start(settings, { until });
  await sleep(Math.random() * 500);
  child.kill(signal);
  expect((await ended).code).toBe(signal === 'SIGKILL' ? null : 0);
  await postgres.query('drop event trigger pace', [], name);
  return !(await isMigrated(name));
}

describe('servers that start at once on an empty database', () => {
  it(
    'migrate it once, as one does alone',
    async () => {
      const { name, settings } = await emptyDatabase();
      const servers = await Promise.all([1, 2].map(() => OwnServer.start(own().postgres, settings)));
      expect(await Promise.all(servers.map((server) => server.readiness()))).toEqual([200, 200]);
      expect(await schemaOf(own().postgres, name)).toEqual(await schemaOf(own().postgres, 'postgres'));
    },
    LIMIT_MS,
  );
});

describe('a server that in the middle of its migration', () => {
  it.each([
    { what: 'is killed', signal: 'SIGKILL' },
    { what: 'is told to stop', signal: 'SIGTERM' },
  ] as const)(
    '$what leaves nothing of it or all of it, and the next start needs no help',
    async ({ signal }) => {
      const undone: boolean[] = [];
      for (let time = 0; time < CERTAIN; time += 1) {
        const { name, settings } = await emptyDatabase();
        undone.push(await endMidway(signal, name, settings));
        const next = await OwnServer.start(own().postgres, settings);
        expect(await schemaOf(own().postgres, name)).toEqual(await schemaOf(own().postgres, 'postgres'));
        next.kill();
      }
      if (signal === 'SIGKILL') expect(undone).toContain(true);
      process.stdout.write(
        `${signal} in a migration: ${undone.length}, ${undone.filter(Boolean).length} of them undone\n`,
      );
    },
    LIMIT_MS * CERTAIN,
  );
});

describe('the comparison of two databases', () => {
  it.each([
    'drop index audit_event_id',
    'alter table consent alter column version drop not null',
    'revoke insert on audit_event from akkoord_application',
    'delete from migration where name = $$0015_sign_in$$',
  ])('finds what is missing: %s', async (statement) => {
    const before = await schemaOf(own().postgres, 'postgres');
    await own().postgres.query(statement);
    expect(await schemaOf(own().postgres, 'postgres')).not.toEqual(before);
  });
});
