import type { Consent } from '@medplum/fhirtypes';
import type { Choice } from '../fhir/choose-parameters.ts';
import { type Origin, originOf } from '../fhir/consent-resource.ts';
import { problem } from '../problem.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import type { OrganizationRow } from '../storage/organization.ts';
import { requireUnlocked } from './citizen-lock.ts';
import { ownOrganization } from './migration-scene.ts';
import { isSelf } from './patient-kind.ts';
import { requireSubscribed } from './relation.ts';
import type { Unit } from './unit.ts';

/** Who records a citizen's answers: the citizen alone in the portal, or a provider with the citizen. */
export type Recorder =
  | { readonly way: 'portal' }
  | {
      readonly way: 'together' | 'button';
      /** The provider's organisation, as it is registered. */
      readonly organization: OrganizationRow;
    };

/**
 * Who the caller is to this citizen, and whether they may record for them now. For a provider the citizen's turn is taken,
 * so that neither subscription nor lock changes meanwhile; the citizen is noted, so that a refusal is in their log.
 * @throws Problem forbidden for another's choices, without a subscription, and when the citizen locked theirs
 */
export async function recorderOf(unit: Unit, choice: Choice, patientKey: Buffer): Promise<Recorder> {
  if (unit.caller.role === 'citizen') return ownChoice(unit, choice, patientKey);
  await lockPatients(unit.sql, [patientKey]);
  await requireSubscribed(unit, patientKey);
  await requireUnlocked(unit, [patientKey]);
  const { way } = choice;
  if (way === undefined)
    throw problem('invalid', 'way-required', 'A provider names the way in which it records.', 'way');
  return { way, organization: await ownOrganization(unit, unit.caller.ura ?? '') };
}

function ownChoice(unit: Unit, { way }: Choice, patientKey: Buffer): Recorder {
  if (!isSelf(unit, patientKey)) throw problem('forbidden', 'not-own-record', 'A citizen chooses only for themselves.');
  if (way === undefined) return { way: 'portal' };
  throw problem('invalid', 'way-not-for-citizen', 'Only a provider names the way in which it records.', 'way');
}

/** Literal reference to the recording organisation, if any. */
export function organizationOf(recorder: Recorder): string | undefined {
  return recorder.way === 'portal' ? undefined : `Organization/${recorder.organization.id}`;
}

/** Way and organisation in one text: whether two recordings are of the same recorder. */
export function recorderText(way: Origin, organization: string | undefined): string {
  return [way, organization].join(' ');
}

/** The same of what a Consent says. */
export function recorderIn(consent: Consent): string {
  return recorderText(originOf(consent), consent.organization?.[0]?.reference);
}
