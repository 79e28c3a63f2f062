import type { Consent } from '@medplum/fhirtypes';
import { isGrant, originOf } from '../fhir/consent-resource.ts';
import { problem } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { type ConsentRow, findConsents } from '../storage/consent.ts';
import { proposeUnconfirmed } from './propose-unconfirmed.ts';
import type { Unit } from './unit.ts';

/**
 * Makes a citizen one under 16 by their own word, which is refused while choices of theirs count that no parent confirmed
 * (rules 12 and 22). What was migrated keeps them from nothing: it waits from now on. Emergency grants are nobody's choice.
 * Hold the citizen's lock.
 * @param expression what makes them under 16, as FHIRPath
 * @throws Problem conflict
 */
export async function becomeUnderSixteen(unit: Unit, patientKey: Buffer, expression: string): Promise<void> {
  if ((await findConsents(unit.sql, [patientKey])).some(isUnconfirmedChoice)) {
    const text = 'Under 16 choices wait for a parent: withdraw those that stand first.';
    throw problem('conflict', 'choices-stand', text, expression);
  }
  await proposeUnconfirmed(unit, patientKey, await readClock(unit.sql));
}

function isUnconfirmedChoice({ status, content }: ConsentRow): boolean {
  const consent = content as Consent;
  const isConfirmed = consent.verification?.some(({ verified }) => verified) === true;
  return status === 'active' && !isConfirmed && !isGrant(consent) && originOf(consent) !== 'migration';
}
