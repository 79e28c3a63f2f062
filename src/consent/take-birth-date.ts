import type { Patient } from '@medplum/fhirtypes';
import { searchValues } from '../fhir/search-values.ts';
import { findCitizens, saveCitizen } from '../storage/citizen.ts';
import { findConsents } from '../storage/consent.ts';
import { findPatients, PATIENT, type PatientRow } from '../storage/patient.ts';
import { updateResource } from '../storage/versioned.ts';
import { isUnderSixteen } from './age.ts';
import type { Citizen } from './citizen.ts';
import { providedBirthDate } from './known-age.ts';
import { proposeUnconfirmed } from './propose-unconfirmed.ts';
import type { Unit } from './unit.ts';

/**
 * Has the birth date count that providers passed (rule 33), now that a subscription with one has been written: it fixes the
 * age group, in the place of what the citizen said or another provider had passed. For a citizen who is under 16 by it,
 * choices that no parent confirmed wait from now on. Hold the citizen's lock.
 * @param brought the one in that subscription, FHIR date, complete or not
 */
export async function takeBirthDate(unit: Unit, { patientKey, now }: Citizen, brought: string): Promise<void> {
  const birthDate = (await providedBirthDate(unit, patientKey)) ?? brought;
  if (birthDate !== brought) unit.note({ patientKey, detail: { flagged: 'birth-date-differs' } });
  const [patient] = await findPatients(unit.sql, [patientKey]);
  if (patient !== undefined && birthDateOf(patient) !== birthDate) await rewrite(unit, patient, birthDate, now);
  const [settled] = await findCitizens(unit.sql, [patientKey]);
  const before = settled ?? { patientKey, locked: false, emailOn: [], birthDateByProvider: false };
  if (!before.birthDateByProvider) await saveCitizen(unit.sql, { ...before, birthDateByProvider: true });
  if (!isUnderSixteen(birthDate, now)) return;
  await proposeUnconfirmed(unit, { patientKey, now }, await findConsents(unit.sql, [patientKey]));
}

function birthDateOf({ content }: PatientRow): string | undefined {
  return (content as Patient).birthDate;
}

/** The Patient's next version; one date in the place of another is flagged in the log. */
async function rewrite(unit: Unit, patient: PatientRow, birthDate: string, recordedAt: number): Promise<void> {
  const content = { ...(patient.content as Patient), birthDate };
  const search = searchValues(unit.register.conformance, content);
  const version = { id: patient.id, recordedAt, content, search, method: 'update' } as const;
  const row = await updateResource(unit.sql, PATIENT, version, []);
  if (row === undefined) throw new Error('a patient that was locked could not be written');
  const entities = [`Patient/${row.id}/_history/${row.version}`];
  const flagged = birthDateOf(patient) === undefined ? {} : { flagged: 'birth-date-replaced' as const };
  unit.note({ patientKey: patient.patientKey, detail: { entities, ...flagged } });
}
