import type { Sql } from './database.ts';
import {
  type Current,
  type NewVersion,
  type RawCurrent,
  type ResourceTable,
  currentColumns,
  insertResource,
  readCurrentColumns,
} from './versioned.ts';

/** A citizen. The BSN is here only as keyed hash and as ciphertext; `content` does not hold it. */
export interface PatientRow extends Current {
  /** HMAC-SHA-256 of the BSN, 32 bytes. */
  readonly patientKey: Buffer;
  readonly bsnCipher: Buffer;
}

export const PATIENT: ResourceTable<PatientRow> = {
  name: 'patient',
  own: ['patient_key', 'bsn_cipher'],
  changing: [],
  kept: [],
  onDelete: '',
  readRow: readPatientRow,
};

const FIND_PATIENTS = `
  select ${currentColumns(PATIENT)} from patient as t where t.patient_key = any($1::bytea[]) and not t.deleted`;

function readPatientRow(raw: RawCurrent): PatientRow {
  const { patient_key: patientKey, bsn_cipher: bsnCipher } = raw as RawCurrent & Record<string, Buffer>;
  return { ...readCurrentColumns(raw), patientKey: patientKey as Buffer, bsnCipher: bsnCipher as Buffer };
}

/** @throws Problem conflict when the id is taken or the citizen has a patient already */
export function insertPatient(
  sql: Sql,
  patient: NewVersion & { readonly patientKey: Buffer; readonly bsnCipher: Buffer },
): Promise<PatientRow> {
  return insertResource(sql, PATIENT, patient, [patient.patientKey, patient.bsnCipher]);
}

/** The patients of these citizens that are not deleted, in no order: match them by `patientKey`. */
export async function findPatients(sql: Sql, patientKeys: readonly Buffer[]): Promise<PatientRow[]> {
  const { rows } = await sql.query<RawCurrent>(FIND_PATIENTS, [patientKeys]);
  return rows.map(readPatientRow);
}
