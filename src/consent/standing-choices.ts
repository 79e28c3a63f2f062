import type { Consent } from '@medplum/fhirtypes';
import { isGrant } from '../fhir/consent-resource.ts';
import { problem } from '../problem.ts';
import { type ConsentRow, findConsents } from '../storage/consent.ts';
import type { Unit } from './unit.ts';

/**
 * Refuses to make a citizen under 16 while choices count that no parent confirmed (rules 12 and 22). Emergency grants are
 * nobody's choice. Hold the citizen's lock.
 * @param expression what makes them under 16, as FHIRPath
 * @throws Problem conflict
 */
export async function requireNoneStands({ sql }: Unit, patientKey: Buffer, expression: string): Promise<void> {
  if (!(await findConsents(sql, [patientKey])).some(standsUnconfirmed)) return;
  const text = 'Under 16 choices wait for a parent: withdraw those that stand first.';
  throw problem('conflict', 'choices-stand', text, expression);
}

function standsUnconfirmed({ status, content }: ConsentRow): boolean {
  const consent = content as Consent;
  const isConfirmed = consent.verification?.some(({ verified }) => verified) === true;
  return status === 'active' && !isConfirmed && !isGrant(consent);
}
