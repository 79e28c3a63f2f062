import type { AuditEvent, Coding } from '@medplum/fhirtypes';
import type { AuditDetail, AuditOutcome } from '../audit/record.ts';
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
import { findTypesAt } from '../storage/organization.ts';
import { ownKey } from './patient-kind.ts';
import { type FoundEntries, referencesTo, type TimelineSearch } from './timeline.ts';
import type { Unit } from './unit.ts';

/** One event. A citizen finds those about themselves only. @throws Problem not-found */
export async function readAuditEvent(unit: Unit, id: string): Promise<AuditEvent> {
  const row = await findAuditEvent(unit.sql, id);
  const [event] = await shown(unit, row === undefined || !maySee(unit, row) ? [] : [row]);
  if (event === undefined) throw problem('not-found', 'not-found', 'There is no such resource.');
  unit.note({ detail: { entities: [`AuditEvent/${id}`] } });
  return event;
}

/** Events, newest first unless asked otherwise. Reading the log is itself recorded. */
export async function searchAuditLog(
  unit: Unit,
  found: AuditSelection,
  { withTotal, ...page }: TimelineSearch,
): Promise<FoundEntries> {
  const { caller } = unit;
  const selection = caller.role === 'citizen' ? { patientKeys: [caller.patientKey], and: [found] } : found;
  const { rows, next } = await searchAuditEvents(unit.sql, { ...selection, ...page });
  const total = withTotal ? { total: await countAuditEvents(unit.sql, selection) } : {};
  unit.note({ detail: { entities: rows.map(({ id }) => `AuditEvent/${id}`) } });
  return { entries: await shown(unit, rows), ...total, ...(next === undefined ? {} : { next }) };
}

/** A page of the caller's own log, newest first. That it was read is in the log too, once a page, without its events. */
export async function readOwnLog(unit: Unit, page: { readonly count: number; readonly cursor?: Cursor }) {
  const patientKey = ownKey(unit);
  const { rows, next } = await searchAuditEvents(unit.sql, { ...page, patientKeys: [patientKey] });
  unit.note({ patientKey });
  return { events: await shown(unit, rows), ...(next === undefined ? {} : { next }) };
}

function maySee({ caller }: Unit, row: AuditEventRow): boolean {
  return caller.role !== 'citizen' || row.patientKey?.equals(caller.patientKey) === true;
}

async function shown(unit: Unit, rows: readonly AuditEventRow[]): Promise<AuditEvent[]> {
  const keys = rows.flatMap(({ patientKey }) => (patientKey === undefined ? [] : [patientKey]));
  const referenceTo = await referencesTo(unit, keys);
  const typesOf = await organizationTypes(unit, rows);
  return rows.map((row) => {
    const { patientKey, detail, outcome, ...rest } = row;
    const patient = patientKey === undefined ? undefined : referenceTo(patientKey);
    const shownRow = {
      ...rest,
      detail,
      outcome: outcome as AuditOutcome,
      ...(patient === undefined ? {} : { patient }),
    };
    return auditEventOf({ ...shownRow, organizationTypes: typesOf(row) });
  });
}

/** The types of the organisation behind each event: those of the question, else those it was registered with then. */
async function organizationTypes(
  { sql, register }: Unit,
  rows: readonly AuditEventRow[],
): Promise<(row: AuditEventRow) => Coding[]> {
  const asked = rows.flatMap(({ detail, recordedAt }) => {
    const { ura, check } = detail as AuditDetail;
    return ura === undefined || check?.requester !== undefined ? [] : [{ ura, at: recordedAt }];
  });
  const found = await findTypesAt(sql, asked);
  const registered = new Map(found.map(({ ura, at, types }) => [`${ura} ${at}`, types]));
  const coded = (code: string): Coding[] => {
    const type = register.catalogue.organisationTypes.get(code);
    return type === undefined ? [] : [{ system: type.system, code }];
  };
  return ({ detail, recordedAt }) => {
    const { ura, check } = detail as AuditDetail;
    const types =
      check?.requester === undefined ? registered.get(`${ura ?? ''} ${recordedAt}`) : [check.requester.type];
    return (types ?? []).flatMap((type) => coded(type ?? ''));
  };
}
