import type { Consent } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { origin } from '../profiles/sample-consents.ts';
import { consentsOf } from './family.ts';

export type MigratedConsent = Consent & { readonly id: string };

const isOrigin = ({ url }: { readonly url: string }): boolean => url.endsWith('/origin');

/** Every Consent of the citizen that still says it was migrated, whatever its status. */
export async function migratedConsents(server: TestServer, bsn: string): Promise<MigratedConsent[]> {
  const consents = await consentsOf(server, bsn);
  return consents.filter(({ extension }) => extension?.find(isOrigin)?.valueCode === 'migration');
}

/** The same Consent as the citizen says it: the first answer the other way round, the rest as it was. */
export function inOwnWords(consent: MigratedConsent): MigratedConsent {
  const { extension = [], provision } = consent;
  const [first, ...others] = provision?.provision ?? [];
  const turned = { ...first, type: first?.type === 'permit' ? ('deny' as const) : ('permit' as const) };
  const own = {
    ...consent,
    extension: extension.map((one) => (isOrigin(one) ? origin('portal') : one)),
    provision: { ...provision, provision: [turned, ...others] },
  };
  delete own.organization;
  return own;
}

const ifMatch = ({ meta }: MigratedConsent) => ({ 'If-Match': `W/"${meta?.versionId ?? ''}"` });

/** Writes another version in the citizen's name. */
export function put(
  server: TestServer,
  bsn: string,
  consent: MigratedConsent,
  body: Consent,
): Promise<Answer<Consent>> {
  const headers = ifMatch(consent);
  return server.fhir<Consent>(`/Consent/${consent.id}`, { method: 'PUT', as: `citizen:${bsn}`, headers, body });
}

/** `inOwnWords` as a JSON Patch. */
export function patchInOwnWords(server: TestServer, bsn: string, consent: MigratedConsent): Promise<Answer<Consent>> {
  const own = inOwnWords(consent);
  const body = [
    { op: 'remove', path: '/organization' },
    { op: 'replace', path: '/extension', value: own.extension },
    { op: 'replace', path: '/provision', value: own.provision },
  ];
  const headers = { ...ifMatch(consent), 'Content-Type': 'application/json-patch+json' };
  return server.fhir<Consent>(`/Consent/${consent.id}`, { method: 'PATCH', as: `citizen:${bsn}`, headers, body });
}

export function remove(server: TestServer, bsn: string, consent: MigratedConsent): Promise<Answer<unknown>> {
  const call = { method: 'DELETE', as: `citizen:${bsn}`, headers: ifMatch(consent) };
  return server.fhir(`/Consent/${consent.id}`, call);
}
