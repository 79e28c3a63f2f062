import { type ClientRow, findClient, saveClient } from '../../src/storage/client.ts';
import type { TestServer } from '../setup/test-server.ts';

/** Registers a client for an organisation that has none; notifications of it may go to this machine. */
export async function addClient(server: TestServer, ura: string): Promise<void> {
  const client = { id: `client-${ura}`, role: 'holder', ura, active: true, name: 'Client', scopes: [] };
  await saveClient(server.server.register.database, { ...client, binding: 'none', hosts: ['127.0.0.1'] });
}

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
