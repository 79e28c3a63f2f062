import { problem } from '../problem.ts';
import { type Current, readResource as readRow, readResourceVersion as readVersionRow } from '../storage/versioned.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import type { Unit } from './unit.ts';
import type { ResourceKind } from './resource-kind.ts';
import { type Stored, storedOf, withMeta } from './stored.ts';

/**
 * The current version.
 * @throws Problem not-found, also for one that the caller may not see; gone
 */
export async function readResource<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
): Promise<Stored> {
  const row = await findVisible(unit, kind, id);
  noteRead(unit, kind, row, row.version);
  if (row.deleted) throw problem('gone', 'deleted', 'This resource was deleted.');
  return storedOf(unit, kind, row);
}

/** One version, current or past. @throws Problem not-found; gone when that version is a deletion */
export async function readResourceVersion<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  version: number,
): Promise<Stored> {
  const row = await findVisible(unit, kind, id);
  const past = await readVersionRow(unit.sql, kind.table, id, version);
  if (past === undefined) throw notFound();
  noteRead(unit, kind, row, version);
  if (past.content === null) throw problem('gone', 'deleted', 'This version is a deletion.');
  const resource = withMeta(await kind.show(unit, row, past.content), id, version, past.recordedAt);
  return { id, version, recordedAt: past.recordedAt, resource, created: false };
}

/** The row, deleted or not, when it exists and this caller may see it. @throws Problem not-found */
export async function findVisible<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<Row> {
  const row = await readRow(unit.sql, kind.table, id);
  if (row === undefined || !(await kind.maySee(unit, row))) throw notFound();
  return options.lock === true ? lockRow(unit, kind, row) : row;
}

/**
 * The row again, now that nobody else can change it or record for its citizen. The citizen is always locked before the
 * row, by everyone, so that two writers never wait for each other.
 */
async function lockRow<Row extends Current>(unit: Unit, kind: ResourceKind<Row>, row: Row): Promise<Row> {
  const patientKey = kind.patientKeyOf(row);
  if (patientKey !== undefined) await lockPatients(unit.sql, [patientKey]);
  const locked = await readRow(unit.sql, kind.table, row.id, { lock: true });
  if (locked === undefined) throw notFound();
  return locked;
}

function noteRead<Row extends Current>(unit: Unit, kind: ResourceKind<Row>, row: Row, version: number): void {
  const patientKey = kind.patientKeyOf(row);
  const entities = [`${kind.type}/${row.id}/_history/${version}`];
  unit.note({ ...(patientKey === undefined ? {} : { patientKey }), detail: { entities } });
}

function notFound() {
  return problem('not-found', 'not-found', 'There is no such resource.');
}
