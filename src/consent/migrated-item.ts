import type { Consent } from '@medplum/fhirtypes';
import { ORIGIN_EXTENSION } from '../fhir/consent-resource.ts';
import { withoutContained } from '../fhir/contained.ts';
import { BSN_SYSTEM, readBsn, URA_SYSTEM } from '../fhir/identifiers.ts';
import type { MigrationItem } from '../fhir/migration-bundle.ts';
import { readResource } from '../fhir/validate.ts';
import { Problem, problem, problemOf } from '../problem.ts';
import type { OrganizationRow } from '../storage/organization.ts';
import type { Register } from './register.ts';

/** Whom an item is about, as it says it: by BSN, or by the id of the Patient. */
export type NamedCitizen =
  { readonly bsn: string; readonly patientKey: Buffer } | { readonly bsn?: never; readonly patientId: string };

/** An item that can be migrated as far as can be said without the register, or why not. */
export type PreparedItem =
  { readonly consent: Consent; readonly citizen: NamedCitizen } | { readonly problem: Problem };

/** Reads one item: a Consent that our profile accepts, of origin migration. Never throws. */
export function prepareItem({ conformance, vault, log }: Register, item: MigrationItem): PreparedItem {
  if ('problem' in item) return item;
  try {
    const consent = readResource<Consent>(conformance, 'Consent', withoutContained(item.value));
    requireMigrated(consent);
    return { consent, citizen: citizenOf(vault, consent) };
  } catch (error) {
    if (error instanceof Problem) return { problem: error };
    // One item that we cannot cope with must not end the migration of all others.
    log.error('a migrated item could not be looked at', { cause: error instanceof Error ? error.stack : 'unknown' });
    return { problem: problemOf(error) };
  }
}

/** What a holder brings along stands, and says so: it is neither withdrawn nor of another way. */
function requireMigrated({ extension = [], status }: Consent): void {
  const origin = extension.findIndex(({ url }) => url === ORIGIN_EXTENSION);
  if (extension[origin]?.valueCode !== 'migration') {
    const path = `Consent.extension[${origin}].value`;
    throw problem('invalid', 'origin-not-migration', 'What is migrated has origin migration.', path);
  }
  if (status !== 'active') {
    throw problem('invalid', 'status-not-active', 'Only active Consents are migrated.', 'Consent.status');
  }
}

function citizenOf(vault: Register['vault'], { patient }: Consent): NamedCitizen {
  if (patient?.identifier?.system !== BSN_SYSTEM) return { patientId: patient?.reference?.split('/')[1] ?? '' };
  const bsn = readBsn(patient.identifier.value ?? '', 'Consent.patient.identifier.value');
  return { bsn, patientKey: vault.keyOf(bsn) };
}

/** Nobody records in another's name. @throws Problem forbidden when the item says that another organisation did */
export function requireOwnOrganization({ organization = [] }: Consent, own: OrganizationRow): void {
  const isOwn = organization.every(({ reference, identifier }) =>
    reference === undefined
      ? identifier?.system === URA_SYSTEM && identifier.value === own.ura
      : reference === `Organization/${own.id}`,
  );
  if (isOwn) return;
  const text = 'An organisation migrates what it recorded itself.';
  throw problem('forbidden', 'organization-not-own', text, 'Consent.organization[0]');
}
