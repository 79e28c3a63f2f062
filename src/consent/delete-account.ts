import type { Patient } from '@medplum/fhirtypes';
import { languageOf } from '../fhir/patient-resource.ts';
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
 * @returns whether a confirmation goes there: not after too many of them today, which keeps no account from being deleted
 */
export async function deleteAccount(unit: Unit, { email }: { readonly email?: string }): Promise<boolean> {
  const patientKey = ownKey(unit);
  await lockPatients(unit.sql, [patientKey]);
  unit.note({ patientKey, forgotten: true });
  const [patient] = await findPatients(unit.sql, [patientKey]);
  if (!(await deleteCitizen(unit.sql, patientKey))) return false;
  unit.note({ patientKey, recorded: { way: 'portal', consents: [] } });
  if (email === undefined || !unit.register.sendsMail) return false;
  const language = languageOf((patient?.content ?? {}) as Patient);
  const mail = { patientKey, address: email, language, now: await readClock(unit.sql) };
  const isMailed = await queueDeletionMail(unit.sql, unit.register.vault, mail);
  if (isMailed) unit.note({ patientKey, detail: { mailed: 'deletion' } });
  return isMailed;
}
