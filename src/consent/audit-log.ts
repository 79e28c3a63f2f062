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
  noteRead(unit, row === undefined ? [] : [row]);
  return event;
}

/** Events, newest first unless asked otherwise. Reading the log is itself recorded. */
export async function searchAuditLog(
  unit: Unit,
  found: AuditSelection,
  { withTotal, names: searched, ...page }: TimelineSearch & { readonly names: readonly string[] },
): Promise<FoundEntries> {
  const { caller } = unit;
  const selection = caller.role === 'citizen' ? { patientKeys: [caller.patientKey], and: [found] } : found;
  const { rows, next } = await searchAuditEvents(unit.sql, { ...selection, ...page });
  const total = withTotal ? { total: await countAuditEvents(unit.sql, selection) } : {};
  noteRead(unit, rows, { searched });
  return { entries: await shown(unit, rows), ...total, ...(next === undefined ? {} : { next }) };
}

/** A page of the caller's own log, newest first. That it was read is in the log too, once a page, without its events. */
export async function readOwnLog(unit: Unit, page: { readonly count: number; readonly cursor?: Cursor }) {
  const patientKey = ownKey(unit);
  const { rows, next } = await searchAuditEvents(unit.sql, { ...page, patientKeys: [patientKey] });
  unit.note({ patientKey });
  return { events: await shown(unit, rows), ...(next === undefined ? {} : { next }) };
}

/**
 * Every citizen whose events were read finds that in their log. Reading the log is about nobody: otherwise each page of these
 * would leave as many again, and whoever reads to the end would never arrive there.
 */
function noteRead(unit: Unit, rows: readonly AuditEventRow[], detail: Pick<AuditDetail, 'searched'> = {}): void {
  if (rows.length === 0) unit.note({ detail });
  for (const { id, patientKey, interaction } of rows) {
    const isAbout = unit.caller.role !== 'citizen' && !interaction.startsWith('AuditEvent.');
    const about = isAbout && patientKey !== undefined ? { patientKey } : {};
    unit.note({ ...about, detail: { ...detail, entities: [`AuditEvent/${id}`] } });
  }
}

function maySee({ caller }: Unit, row: AuditEventRow): boolean {
  return caller.role !== 'citizen' || row.patientKey?.equals(caller.patientKey) === true;
}

async function shown(unit: Unit, rows: readonly AuditEventRow[]): Promise<AuditEvent[]> {
  const keys = rows.flatMap(({ patientKey }) => patientKey ?? []);
  // A citizen learns that another one acted, and not who.
  const actorOf = ({ detail }: AuditEventRow) =>
    unit.caller.role === 'citizen' ? undefined : keyIn((detail as AuditDetail).actor);
  const referenceTo = await referencesTo(unit, [...keys, ...rows.flatMap((row) => actorOf(row) ?? [])]);
  const typesOf = await organizationTypes(unit, rows);
  return rows.map((row) => {
    const { patientKey, detail, outcome, ...rest } = row;
    const patient = patientKey === undefined ? undefined : referenceTo(patientKey);
    const actorKey = actorOf(row);
    const actor = actorKey === undefined ? undefined : referenceTo(actorKey);
    const shownRow = {
      ...rest,
      detail,
      outcome: outcome as AuditOutcome,
      ...(patient === undefined ? {} : { patient }),
      ...(actor === undefined ? {} : { actor }),
    };
    return auditEventOf({ ...shownRow, organizationTypes: typesOf(row) });
  });
}

function keyIn(hex: string | undefined): Buffer | undefined {
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
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
