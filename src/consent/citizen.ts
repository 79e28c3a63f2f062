import type { Patient } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { BSN_SYSTEM } from '../fhir/identifiers.ts';
import { PATIENT_PROFILE } from '../fhir/patient-resource.ts';
import { searchValues } from '../fhir/search-values.ts';
import { problem } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { findPatients, insertPatient } from '../storage/patient.ts';
import { choicesWait } from './age.ts';
import { knownAges } from './known-age.ts';
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

/** Somebody for whom something is to be recorded; without a BSN when the request named the Patient by reference. */
export interface Subject {
  readonly patientKey: Buffer;
  readonly bsn?: string;
}

/**
 * Waits for the citizen's turn, and makes a Patient for a valid BSN that is not known yet.
 * @param bsn absent when the request named the Patient by reference
 * @throws Problem invalid when there is no Patient and no BSN to make one
 */
export async function openCitizen(unit: Unit, patientKey: Buffer, bsn: string | undefined): Promise<Citizen> {
  const subject = { patientKey, ...(bsn === undefined ? {} : { bsn }) };
  const [citizen] = (await openCitizens(unit, [subject])).values();
  if (citizen === undefined)
    throw problem('invalid', 'patient-unknown', 'There is no such Patient.', 'Consent.patient');
  return citizen;
}

/**
 * The same for many, whose turns are taken together, in one order.
 * @param subjects each citizen once
 * @returns each by the hexadecimal text of its key; who has no Patient and no BSN to make one is not in it
 */
export async function openCitizens(unit: Unit, subjects: readonly Subject[]): Promise<Map<string, Citizen>> {
  const keys = subjects.map(({ patientKey }) => patientKey);
  await lockPatients(unit.sql, keys);
  const now = await readClock(unit.sql);
  const rows = await findPatients(unit.sql, keys);
  const patients = new Map(rows.map((row) => [row.patientKey.toString('hex'), row]));
  const ages = await knownAges(unit, keys, rows);
  const citizens = new Map<string, Citizen>();
  for (const { patientKey, bsn } of subjects) {
    const key = patientKey.toString('hex');
    const row = patients.get(key);
    const underSixteen = choicesWait(ages.get(key) ?? {}, now);
    const id = row?.id ?? (bsn === undefined ? undefined : await recordPatient(unit, patientKey, bsn, now));
    if (id !== undefined) citizens.set(key, { patientKey, reference: `Patient/${id}`, underSixteen, now });
  }
  return citizens;
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
  return row.id;
}
