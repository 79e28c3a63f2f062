import type { Identifier, Patient } from '@medplum/fhirtypes';
import { BSN_SYSTEM, readBsn } from '../fhir/identifiers.ts';
import { languageOf, mailAddressOf, PATIENT_PROFILE } from '../fhir/patient-resource.ts';
import { searchValues } from '../fhir/search-values.ts';
import { keepMailAddress } from '../notifications/mail-address.ts';
import { problem } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { findConsents } from '../storage/consent.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { insertPatient, PATIENT, type PatientRow } from '../storage/patient.ts';
import { updateResource } from '../storage/versioned.ts';
import { isUnderSixteen, requireBorn } from './age.ts';
import { providedBirthDate } from './known-age.ts';
import type { Unit } from './unit.ts';
import type { AnyResource, Prepared, ResourceKind } from './resource-kind.ts';
import { becomeUnderSixteen } from './standing-choices.ts';
import { withoutMeta } from './stored.ts';

/** Citizens: each sees and changes only their own Patient; the BSN is stored apart and never changes. */
export const PATIENT_KIND: ResourceKind<PatientRow> = {
  type: 'Patient',
  table: PATIENT,
  versionRequired: false,
  prepare: (unit, resource, before) => prepare(unit, resource as Patient, before),
  maySee: (unit, row) => Promise.resolve(isSelf(unit, row.patientKey)),
  beforeDelete,
  show: (unit, row, content) => withBsn(content as Patient, unit.register.vault.open(row.bsnCipher)),
  scope: ({ caller }) => Promise.resolve({ patientKeys: caller.role === 'citizen' ? [caller.patientKey] : [] }),
  patientKeyOf: (row) => row.patientKey,
};

export function isSelf({ caller }: Unit, patientKey: Buffer): boolean {
  return caller.role === 'citizen' && caller.patientKey.equals(patientKey);
}

/** The citizen who calls, for what everybody does only for themselves. @throws Problem forbidden for anyone else */
export function ownKey({ caller }: Unit): Buffer {
  if (caller.role === 'citizen') return caller.patientKey;
  throw problem('forbidden', 'not-permitted', 'This caller may not do this.');
}

/** Under 16 a Patient stays, so that a new one cannot be born earlier. */
async function beforeDelete(unit: Unit, row: PatientRow): Promise<void> {
  if ((await findConsents(unit.sql, [row.patientKey])).length > 0) {
    throw problem('conflict', 'patient-has-consents', 'This Patient has Consents: delete those first.');
  }
  if (isUnderSixteen(birthDateOf(row), await readClock(unit.sql))) {
    throw problem('conflict', 'birth-date-fixed', 'Under 16 a Patient is not deleted.');
  }
  await keepAddress(unit, row.patientKey, undefined);
}

/** Mails go where the Patient says, once that is confirmed (rule 42). An address that cannot be confirmed is not kept. */
async function keepAddress(unit: Unit, patientKey: Buffer, patient: Patient | undefined): Promise<void> {
  const { vault, sendsMail } = unit.register;
  const address = patient === undefined ? undefined : mailAddressOf(patient);
  if (address !== undefined && !sendsMail) return;
  const language = patient === undefined ? 'nl' : languageOf(patient);
  const wanted = { patientKey, address, language, now: await readClock(unit.sql) };
  if (await keepMailAddress(unit.sql, vault, wanted)) unit.note({ patientKey, detail: { mailed: 'address' } });
  if (address !== undefined) unit.afterCommit(unit.register.nudge);
}

function birthDateOf(row: PatientRow | undefined): string | undefined {
  return (row?.content as Patient | null | undefined)?.birthDate;
}

async function prepare(unit: Unit, patient: Patient, before: PatientRow | undefined): Promise<Prepared<PatientRow>> {
  const { vault, conformance } = unit.register;
  const bsn = bsnIn(patient);
  const patientKey = vault.keyOf(bsn);
  if (before !== undefined && !before.patientKey.equals(patientKey)) {
    throw problem('invalid', 'bsn-changed', 'The BSN of a Patient never changes.', 'Patient.identifier');
  }
  if (!isSelf(unit, patientKey)) throw problem('forbidden', 'not-own-record', 'A citizen records only for themselves.');
  await lockPatients(unit.sql, [patientKey]);
  await requireBirthDate(unit, patient, patientKey, birthDateOf(before));
  await keepAddress(unit, patientKey, patient);
  const content = withoutBsn(withoutMeta(patient, PATIENT_PROFILE));
  return {
    content,
    search: searchValues(conformance, content),
    patientKey,
    insert: (sql, version) => insertPatient(sql, { ...version, patientKey, bsnCipher: vault.seal(bsn) }),
    update: (sql, version) => updateResource(sql, PATIENT, version, []),
  };
}

/** A birth date is of the past, is given once, and makes nobody under 16 whose choices count without a parent. */
async function requireBirthDate(
  unit: Unit,
  { birthDate }: Patient,
  patientKey: Buffer,
  before: string | undefined,
): Promise<void> {
  if (before === undefined && birthDate === undefined) return;
  const fixed = before ?? (await providedBirthDate(unit, patientKey));
  const now = await readClock(unit.sql);
  if (fixed !== undefined && birthDate !== fixed) {
    throw problem('invalid', 'birth-date-fixed', 'A birth date, once given, is fixed.', 'Patient.birthDate');
  }
  if (birthDate !== undefined) requireBorn(birthDate, now, 'Patient.birthDate');
  if (fixed !== undefined || !isUnderSixteen(birthDate, now)) return;
  await becomeUnderSixteen(unit, { patientKey, now }, 'Patient.birthDate');
}

/** The BSN of a Patient that its profile accepts. */
function bsnIn(patient: Patient): string {
  const at = (patient.identifier ?? []).findIndex(({ system }) => system === BSN_SYSTEM);
  return readBsn(patient.identifier?.[at]?.value ?? '', `Patient.identifier[${at}].value`);
}

function withoutBsn(patient: Patient): Patient {
  const identifier = (patient.identifier ?? []).map(({ value, ...rest }): Identifier => {
    if (rest.system === BSN_SYSTEM) return rest;
    return value === undefined ? rest : { ...rest, value };
  });
  return { ...patient, identifier };
}

function withBsn(patient: Patient, bsn: string): AnyResource {
  const identifier = (patient.identifier ?? []).map((one) =>
    one.system === BSN_SYSTEM ? { ...one, value: bsn } : one,
  );
  return { ...patient, identifier };
}
