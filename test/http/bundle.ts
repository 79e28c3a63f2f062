import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';

export const bundle = (type: string, entry: readonly object[]) => ({ resourceType: 'Bundle', type, entry });

export const get = (url: string) => ({ request: { method: 'GET', url } });

export const post = (resource: { resourceType: string }, more: object = {}, fullUrl?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
});

export const operation = (url: string, resource: object) => ({ resource, request: { method: 'POST', url } });

/** Sends a Bundle of this type. */
export function sendBundle(
  server: TestServer,
  as: string,
  type: 'batch' | 'transaction',
  entry: readonly object[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Bundle>> {
  return server.fhir<Bundle>('/', { as, body: bundle(type, entry), headers });
}

/** The status of each entry, in order. */
export function statusesOf({ body }: { readonly body: Bundle }): (string | undefined)[] {
  return (body.entry ?? []).map(({ response }) => response?.status.slice(0, 3));
}

/** The code of what went wrong with an entry. */
export function codeOf({ response }: BundleEntry): string | undefined {
  return response?.outcome?.issue[0]?.details?.coding?.[0]?.code;
}
