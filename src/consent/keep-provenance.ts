import { randomUUID } from 'node:crypto';
import { insertProvenance, type ProvenanceRow } from '../storage/provenance.ts';
import type { Passed, RecordedCitizen } from './passed.ts';
import type { Unit } from './unit.ts';

/** Writes where the answers of a recording come from: one row for each citizen for whom Consents were written (rule 34). */
export async function keepProvenance({ unit, citizens, now }: Passed): Promise<void> {
  const rows = citizens
    .filter(({ recorded }) => recorded.consents.length > 0)
    .map((citizen) => rowOf(unit, citizen, now));
  if (rows.length > 0) await insertProvenance(unit.sql, rows);
}

function rowOf(unit: Unit, { patientKey, recorded }: RecordedCitizen, recordedAt: number): ProvenanceRow {
  const { way, consents: targets, reason } = recorded;
  const catalogueVersion = unit.register.catalogue.version;
  const row = { id: randomUUID(), patientKey, recordedAt, way, catalogueVersion, targets, ...recorderOf(unit) };
  return reason === undefined ? row : { ...row, reason };
}

function recorderOf({ caller }: Unit): Pick<ProvenanceRow, 'recorderKey' | 'clientId' | 'ura'> {
  if (caller.role === 'citizen') return { recorderKey: caller.patientKey };
  const { clientId, ura } = caller;
  return ura === undefined ? { clientId } : { clientId, ura };
}
