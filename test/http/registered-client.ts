import { type ClientRow, findClient, saveClient } from '../../src/storage/client.ts';
import type { TestServer } from '../setup/test-server.ts';

/** Changes what a sandbox client is registered with; returns what undoes it. */
export async function changeClient(
  server: TestServer,
  id: string,
  changes: Omit<Partial<ClientRow>, 'ura'> & { readonly ura?: string | undefined },
): Promise<() => Promise<void>> {
  const { database } = server.server.register;
  const known = await findClient(database, id);
  if (known === undefined) throw new Error('no such client');
  const { ura, ...changed } = { ...known, ...changes };
  await saveClient(database, ura === undefined ? changed : { ...changed, ura });
  return () => saveClient(database, known);
}
