import type { Patient } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { BSN_SYSTEM } from '../fhir/identifiers.ts';
import { searchValues } from '../fhir/search-values.ts';
import { problem } from '../problem.ts';
import { findCitizens } from '../storage/citizen.ts';
import { readClock } from '../storage/clock.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { findPatients, insertPatient } from '../storage/patient.ts';
import { choicesWait } from './age.ts';
import { PATIENT_PROFILE } from './patient-kind.ts';
import type { Unit } from './unit.ts';

/** A citizen for whom something is about to be recorded. Until the transaction ends nobody else records for them. */
export interface Citizen {
  readonly patientKey: Buffer;
  /** Literal reference, `Patient/4f1…`. */
  readonly reference: string;
  readonly underSixteen: boolean;
  /** The moment of this recording: not before anything recorded for this citizen earlier. */
  readonly now: number;
}

/**
 * Waits for the citizen's turn, and makes a Patient for a valid BSN that is not known yet.
 * @param bsn absent when the request named the Patient by reference
 * @throws Problem invalid when there is no Patient and no BSN to make one
 */
export async function openCitizen(unit: Unit, patientKey: Buffer, bsn: string | undefined): Promise<Citizen> {
  await lockPatients(unit.sql, [patientKey]);
  const now = await readClock(unit.sql);
  const [row] = await findPatients(unit.sql, [patientKey]);
  const [settled] = await findCitizens(unit.sql, [patientKey]);
  const underSixteen = choicesWait({ ...(row?.content as Patient | undefined), ...settled }, now);
  if (row !== undefined) return { patientKey, reference: `Patient/${row.id}`, underSixteen, now };
  if (bsn === undefined) throw problem('invalid', 'patient-unknown', 'There is no such Patient.', 'Consent.patient');
  return { patientKey, reference: await recordPatient(unit, patientKey, bsn, now), underSixteen, now };
}

async function recordPatient(unit: Unit, patientKey: Buffer, bsn: string, now: number): Promise<string> {
  const content: Patient = {
    resourceType: 'Patient',
    meta: { profile: [PATIENT_PROFILE] },
    identifier: [{ system: BSN_SYSTEM }],
  };
  const { vault, conformance } = unit.register;
  const version = { id: randomUUID(), recordedAt: now, content, search: searchValues(conformance, content) };
  const row = await insertPatient(unit.sql, { ...version, patientKey, bsnCipher: vault.seal(bsn) });
  unit.note({ patientKey, detail: { entities: [`Patient/${row.id}/_history/1`] } });
  return `Patient/${row.id}`;
}
