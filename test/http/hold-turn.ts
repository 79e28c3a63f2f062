import pg from 'pg';
import { lockPatients } from '../../src/storage/lock-patients.ts';
import type { TestServer } from '../setup/test-server.ts';

/** Holds the citizen's turn until `end` is called, and tells when so many others wait for it. */
export async function holdTurn({ server, database }: TestServer, bsn: string) {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin');
  const key = server.register.vault.keyOf(bsn);
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
