import type { Patient } from '@medplum/fhirtypes';
import { languageOf } from '../fhir/patient-contact.ts';
import { queueDeletionMail } from '../notifications/queue-mail.ts';
import { readClock } from '../storage/clock.ts';
import { deleteCitizen } from '../storage/delete-citizen.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { findPatients } from '../storage/patient.ts';
import { ownKey } from './patient-kind.ts';
import type { Unit } from './unit.ts';

/**
 * Deletes everything that is stored about the citizen who calls, and tells the holders that are subscribed (rule 23).
 * Nothing to delete is no error: what was asked for is so. Then nobody is told and nothing is mailed.
 * @param request where a confirmation goes, if anywhere; must be one by `isMailAddress`
 */
export async function deleteAccount(unit: Unit, { email }: { readonly email?: string }): Promise<void> {
  const patientKey = ownKey(unit);
  await lockPatients(unit.sql, [patientKey]);
  unit.note({ patientKey });
  const [patient] = await findPatients(unit.sql, [patientKey]);
  if (!(await deleteCitizen(unit.sql, patientKey))) return;
  unit.note({ patientKey, recorded: { way: 'portal', consents: [] } });
  if (email !== undefined) await confirmByMail(unit, email, (patient?.content ?? {}) as Patient);
}

async function confirmByMail({ sql, register }: Unit, address: string, patient: Patient): Promise<void> {
  if (!register.sendsMail) return;
  const language = languageOf(patient);
  await queueDeletionMail(sql, register.vault, { address, language, now: await readClock(sql) });
}
