import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { actor, catalogueVersion, origin, requesterCategory, ura } from '../profiles/sample-consents.ts';
import { codesOf } from './answers.ts';
import { freshBsn, GP } from './people.ts';
import { BSN_SYSTEM, consent, URA_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';

/** What a holder brings along of one citizen: requesters by category code or organisation number. */
export interface Brought {
  readonly permit?: readonly string[];
  readonly deny?: readonly string[];
}

const place = (code: string) => (/^\d{8}$/.test(code) ? ura(code) : requesterCategory(code));
const answer = (type: string, codes: readonly string[]) =>
  codes.length === 0 ? [] : [{ type, actor: codes.map((code) => actor('IRCP', place(code))) }];

/** One Consent to migrate. */
export function migrated(bsn: string, { permit = [], deny = [] }: Brought, more: object = {}, holder = GP) {
  const { provision, ...rest } = consent(bsn);
  return {
    ...rest,
    extension: [origin('migration'), catalogueVersion],
    organization: [ura(holder)],
    provision: {
      ...provision,
      actor: [actor('CST', ura(holder))],
      provision: [...answer('permit', permit), ...answer('deny', deny)],
    },
    ...more,
  };
}

/** The same citizen and the GP practice, as resources that the item contains. */
export const containing = (bsn: string) => ({
  contained: [
    {
      resourceType: 'Patient',
      id: 'p',
      identifier: [{ system: BSN_SYSTEM, value: bsn }],
      name: [{ family: 'Geheim' }],
    },
    { resourceType: 'Organization', id: 'o', identifier: [{ system: URA_SYSTEM, value: GP }] },
  ],
  patient: { reference: '#p' },
  performer: [{ reference: '#p' }],
  organization: [{ reference: '#o' }],
});

/** A citizen nobody knows yet but as a patient of the GP practice. */
export async function patientOf(server: TestServer, holder = GP): Promise<string> {
  const bsn = freshBsn();
  await subscribe(server, bsn, holder);
  return bsn;
}

export const collection = (items: readonly unknown[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  ...(items.length > 0 && { entry: items.map((resource) => ({ resource })) }),
});

/** NDJSON: one item a line; a text is a line as it is. */
export const lines = (items: readonly unknown[]) =>
  items.map((item) => `${typeof item === 'string' ? item : JSON.stringify(item)}\n`).join('');

/** Migrates a Bundle as the GP practice, or as another. */
export function migrate(
  server: TestServer,
  items: readonly unknown[],
  as = 'gp',
  headers = {},
): Promise<Answer<Bundle>> {
  return server.fhir<Bundle>('/Consent/$migrate', { as, headers, body: collection(items) });
}

/** The same as NDJSON. */
export function migrateLines(
  server: TestServer,
  body: string,
  as = 'gp',
  headers: Record<string, string> = {},
): Promise<Answer<Bundle>> {
  const type = { 'Content-Type': 'application/fhir+ndjson' };
  return server.fhir<Bundle>('/Consent/$migrate', { as, headers: { ...type, ...headers }, body });
}

/** Status and code of each item in one text: `201 created`. */
export function outcomesOf({ status, body }: Answer<Bundle>): string[] {
  expect({ status, resourceType: body.resourceType, type: (body as Partial<Bundle>).type }).toEqual({
    status: 200,
    resourceType: 'Bundle',
    type: 'batch-response',
  });
  return (body.entry ?? []).map(verdictOf);
}

function verdictOf({ response }: BundleEntry): string {
  const [code] = codesOf({ body: response?.outcome } as Answer<unknown>);
  return `${response?.status ?? ''} ${code ?? ''}`;
}

/** Address of each item's Consent, empty for one that has none. */
export function locationsOf({ body }: Answer<Bundle>): string[] {
  return (body.entry ?? []).map(({ response }) => response?.location ?? '');
}
