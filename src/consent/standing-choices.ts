import type { Consent } from '@medplum/fhirtypes';
import { isConfirmed, isGrant, originOf } from '../fhir/consent-resource.ts';
import { problem } from '../problem.ts';
import { type ConsentRow, findConsents } from '../storage/consent.ts';
import { proposeUnconfirmed } from './propose-unconfirmed.ts';
import type { Citizen } from './citizen.ts';
import type { Unit } from './unit.ts';

/**
 * Makes a citizen one under 16 by their own word, which is refused while choices of theirs count that no parent confirmed
 * (rules 12 and 22). What was migrated keeps them from nothing: it waits from now on. Emergency grants are nobody's choice.
 * Hold the citizen's lock.
 * @param expression what makes them under 16, as FHIRPath
 * @throws Problem conflict
 */
export async function becomeUnderSixteen(
  unit: Unit,
  citizen: Pick<Citizen, 'patientKey' | 'now'>,
  expression: string,
): Promise<void> {
  const rows = await findConsents(unit.sql, [citizen.patientKey]);
  if (rows.some(isUnconfirmedChoice)) {
    const text = 'Under 16 choices wait for a parent: withdraw those that stand first.';
    throw problem('conflict', 'choices-stand', text, expression);
  }
  await proposeUnconfirmed(unit, citizen, rows);
}

function isUnconfirmedChoice({ status, content }: ConsentRow): boolean {
  const consent = content as Consent;
  return status === 'active' && !isConfirmed(consent) && !isGrant(consent) && originOf(consent) !== 'migration';
}
