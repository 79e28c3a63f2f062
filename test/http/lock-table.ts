import type { TestServer } from '../setup/test-server.ts';

/** Keeps everybody else from a table until the returned function is called. */
export async function lockTable({ database }: TestServer, table: string): Promise<() => Promise<void>> {
  const client = await database.database.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in access exclusive mode`);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}
