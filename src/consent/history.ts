import { permit } from '../auth/permissions.ts';
import type { Cursor } from '../storage/cursor.ts';
import { countHistory, readHistory } from '../storage/history.ts';
import { type Current, readResource as readRow, type Version } from '../storage/versioned.ts';
import type { Unit } from './unit.ts';
import { findVisible } from './read-resource.ts';
import type { AnyResource, ResourceKind } from './resource-kind.ts';
import { withMeta } from './stored.ts';

/** Which page of a history. */
export interface HistoryRequest {
  readonly count: number;
  readonly since?: number;
  readonly cursor?: Cursor;
}

/** One version as it is shown; a deletion has no resource. */
export interface ShownVersion {
  readonly id: string;
  readonly version: number;
  readonly recordedAt: number;
  readonly method: Version['method'];
  readonly resource?: AnyResource;
}

export interface ShownHistory {
  readonly versions: readonly ShownVersion[];
  readonly total: number;
  readonly next?: Cursor;
}

/** The versions of one resource, newest first. @throws Problem not-found, also for one the caller may not see */
export async function instanceHistory<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  request: HistoryRequest,
): Promise<ShownHistory> {
  const row = await findVisible(unit, kind, id);
  const selection = { id, scope: 'all', ...sinceOf(request) } as const;
  const page = await readHistory(unit.sql, kind.table, { ...selection, ...pageOf(request) });
  const total = await countHistory(unit.sql, kind.table, selection);
  noteVersions(unit, kind, new Map([[id, row]]), page.versions);
  const versions: ShownVersion[] = [];
  for (const version of page.versions) versions.push(await shown(unit, kind, row, version));
  return { ...page, total, versions };
}

/**
 * The versions of every resource of a type that the caller may see, newest first. Like a search, it is a scope of its own:
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
 * @throws Problem forbidden for who may read, but not search
 */
export async function typeHistory<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  request: HistoryRequest,
): Promise<ShownHistory> {
  permit(unit.caller, `${kind.type}.search`);
  const selection = { scope: await kind.scope(unit), ...sinceOf(request) };
  const page = await readHistory(unit.sql, kind.table, { ...selection, ...pageOf(request) });
  const total = await countHistory(unit.sql, kind.table, selection);
  const rows = new Map<string, Row>();
  for (const id of new Set(page.versions.map((version) => version.id))) {
    const row = await readRow(unit.sql, kind.table, id);
    if (row !== undefined) rows.set(id, row);
  }
  noteVersions(unit, kind, rows, page.versions);
  const versions: ShownVersion[] = [];
  for (const version of page.versions) {
    const row = rows.get(version.id);
    if (row !== undefined) versions.push(await shown(unit, kind, row, version));
  }
  return { ...page, total, versions };
}

function sinceOf({ since }: HistoryRequest) {
  return since === undefined ? {} : { since };
}

function pageOf({ count, cursor }: HistoryRequest) {
  return cursor === undefined ? { count } : { count, cursor };
}

async function shown<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  row: Row,
  version: Version,
): Promise<ShownVersion> {
  const { id, version: number, recordedAt, method, content } = version;
  if (content === null) return { id, version: number, recordedAt, method };
  return {
    id,
    version: number,
    recordedAt,
    method,
    resource: withMeta(await kind.show(unit, row, content), id, number, recordedAt),
  };
}

/** One note per citizen, so that each finds it in their own log. */
function noteVersions<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  rows: ReadonlyMap<string, Row>,
  versions: readonly Version[],
): void {
  const byPatient = new Map<string, { patientKey: Buffer | undefined; entities: string[] }>();
  for (const { id, version } of versions) {
    const row = rows.get(id);
    const patientKey = row === undefined ? undefined : kind.patientKeyOf(row);
    const key = patientKey?.toString('hex') ?? '';
    const group = byPatient.get(key) ?? { patientKey, entities: [] };
    group.entities.push(`${kind.type}/${id}/_history/${version}`);
    byPatient.set(key, group);
  }
  for (const { patientKey, entities } of byPatient.values()) {
    unit.note({ ...(patientKey === undefined ? {} : { patientKey }), detail: { entities } });
  }
}
