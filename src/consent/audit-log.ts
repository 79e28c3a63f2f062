import type { AuditEvent } from '@medplum/fhirtypes';
import type { AuditOutcome } from '../audit/record.ts';
import { auditEventOf } from '../audit/view.ts';
import { problem } from '../problem.ts';
import {
  type AuditEventRow,
  type AuditSelection,
  countAuditEvents,
  findAuditEvent,
  searchAuditEvents,
} from '../storage/audit-event.ts';
import type { Cursor } from '../storage/cursor.ts';
import { findPatients } from '../storage/patient.ts';
import type { Unit } from './unit.ts';

/** One event. A citizen finds those about themselves only. @throws Problem not-found */
export async function readAuditEvent(unit: Unit, id: string): Promise<AuditEvent> {
  const row = await findAuditEvent(unit.sql, id);
  const [event] = await shown(unit, row === undefined || !maySee(unit, row) ? [] : [row]);
  if (event === undefined) throw problem('not-found', 'not-found', 'There is no such resource.');
  unit.note({ detail: { entities: [`AuditEvent/${id}`] } });
  return event;
}

export interface AuditSearch extends AuditSelection {
  readonly count: number;
  readonly cursor?: Cursor;
  readonly ascending?: boolean;
  readonly withTotal: boolean;
}

export interface FoundEvents {
  readonly events: readonly AuditEvent[];
  readonly total?: number;
  readonly next?: Cursor;
}

/** Events, newest first unless asked otherwise. Reading the log is itself recorded. */
export async function searchAuditLog(unit: Unit, search: AuditSearch): Promise<FoundEvents> {
  const { caller } = unit;
  const selection = caller.role === 'citizen' ? { ...search, patientKeys: own(search, caller.patientKey) } : search;
  const page = await searchAuditEvents(unit.sql, selection);
  const total = search.withTotal ? { total: await countAuditEvents(unit.sql, selection) } : {};
  unit.note({ detail: { entities: page.rows.map(({ id }) => `AuditEvent/${id}`) } });
  const events = await shown(unit, page.rows);
  return { events, ...total, ...(page.next === undefined ? {} : { next: page.next }) };
}

/** The citizen's own key, unless the search names others only: then nothing. */
function own({ patientKeys }: AuditSearch, patientKey: Buffer): Buffer[] {
  return patientKeys === undefined || patientKeys.some((key) => key.equals(patientKey)) ? [patientKey] : [];
}

function maySee({ caller }: Unit, row: AuditEventRow): boolean {
  return caller.role !== 'citizen' || row.patientKey?.equals(caller.patientKey) === true;
}

async function shown(unit: Unit, rows: readonly AuditEventRow[]): Promise<AuditEvent[]> {
  const keys = rows.flatMap(({ patientKey }) => (patientKey === undefined ? [] : [patientKey]));
  const patients = new Map((await findPatients(unit.sql, keys)).map((row) => [row.patientKey.toString('hex'), row.id]));
  return rows.map(({ patientKey, detail, outcome, ...row }) => {
    const id = patientKey === undefined ? undefined : patients.get(patientKey.toString('hex'));
    const patient = id === undefined ? {} : { patient: `Patient/${id}` };
    return auditEventOf({ ...row, detail, outcome: outcome as AuditOutcome, ...patient });
  });
}
