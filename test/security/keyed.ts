import { randomUUID } from 'node:crypto';
import type { Organization } from '@medplum/fhirtypes';
import { organization } from '../http/resources.ts';
import type { Answer, TestServer } from '../setup/test-server.ts';

export const freshKey = () => `"${randomUUID()}"`;

/** Headers with this key. */
export const keyed = (key: string, more: Readonly<Record<string, string>> = {}) => ({
  'Idempotency-Key': key,
  ...more,
});

/** All of an answer that the same answer has too; of an address its path, because each test server has one of its own. */
export const rest = ({ status, body, headers }: Answer<unknown>) => ({
  status,
  body,
  headers: [headers.get('etag'), headers.get('last-modified'), headers.get('location')?.replace(/^.*\/fhir/, '')],
});

/** How many answers are kept. */
export async function keptRows({ database }: TestServer): Promise<number> {
  return (await database.database.query('select from kept_answer')).rowCount;
}

/** Registers an organisation under this key. */
export function register(server: TestServer, ura: string, key: string, { name = 'Praktijk', as = 'admin' } = {}) {
  return server.fhir<Organization>('/Organization', { as, body: organization(ura, { name }), headers: keyed(key) });
}
