import pg from 'pg';
import { lockPatients } from '../../src/storage/lock-patients.ts';
import { useTestServer } from '../setup/test-server.ts';
import { decided } from './family.ts';
import { migrate, migrated, outcomesOf, patientOf } from './migrating.ts';
import { GP } from './people.ts';
import { unsubscribe } from './subscriptions.ts';

const server = useTestServer();

/** Holds the citizen's turn until `end` is called, and tells when so many others wait for it. */
async function holdTurn(bsn: string) {
  const client = new pg.Client({ connectionString: server().database.url });
  await client.connect();
  await client.query('begin');
  const key = server().server.register.vault.keyOf(bsn);
  await lockPatients({ query: (text: string, values: unknown[]) => client.query(text, values) } as never, [key]);
  const waiting = async () => {
    const text = `select count(*)::integer as n from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`;
    const { rows } = await client.query<{ n: number }>(text);
    return rows[0]?.n ?? 0;
  };
  return {
    awaited: async (count: number) => {
      while ((await waiting()) < count) await new Promise(setImmediate);
    },
    end: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

describe('the turn of a citizen', () => {
  it('that comes after the subscription ended lets nothing be migrated', async () => {
    const bsn = await patientOf(server());
    const turn = await holdTurn(bsn);
    const ending = unsubscribe(server(), bsn, GP);
    await turn.awaited(1);
    const migrating = migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    await turn.awaited(2);
    await turn.end();
    await ending;
    expect(outcomesOf(await migrating)).toEqual(['403 not-subscribed']);
    expect(await decided(server(), bsn)).toBe('deny no-consent');
  });

  it('that comes before it ends does', async () => {
    const bsn = await patientOf(server());
    const turn = await holdTurn(bsn);
    const migrating = migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    await turn.awaited(1);
    const ending = unsubscribe(server(), bsn, GP);
    await turn.awaited(2);
    await turn.end();
    await ending;
    expect(outcomesOf(await migrating)).toEqual(['201 created']);
    expect(await decided(server(), bsn)).toBe('permit consent-given');
  });
});
