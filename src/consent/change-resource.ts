import { randomUUID } from 'node:crypto';
import { patchResource as applyPatch } from '../fhir/patch.ts';
import { readResource as readValid } from '../fhir/validate.ts';
import { problem } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { type Current, deleteResource as deleteRow } from '../storage/versioned.ts';
import type { Unit } from './unit.ts';
import { findVisible } from './read-resource.ts';
import type { AnyResource, Prepared, ResourceKind } from './resource-kind.ts';
import { type Stored, storedOf } from './stored.ts';

/**
 * Records a new resource under an id of our own.
 * @throws Problem malformed or invalid naming the element; forbidden; conflict when it exists already
 */
export async function createResource<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  body: unknown,
  id: string = randomUUID(),
): Promise<Stored> {
  const resource = readValid<AnyResource>(unit.register.conformance, kind.type, body);
  return recordPrepared(unit, kind, await kind.prepare(unit, resource), id);
}

/** Records what was prepared as a new resource, unless one that is there stands for it: then that one says it from now on. */
export async function recordPrepared<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  prepared: Prepared<Row>,
  id: string = randomUUID(),
): Promise<Stored> {
  const { content, search, standing } = prepared;
  if (standing !== undefined) {
    if (standing.differs) return write(unit, kind, standing.row, prepared, 'update');
    return noted(unit, kind, standing.row, false);
  }
  const row = await prepared.insert(unit.sql, { id, recordedAt: await readClock(unit.sql), content, search });
  return noted(unit, kind, row, true);
}

/**
 * Records the next version of a resource.
 * @param expected the version the caller saw
 * @throws Problem not-found, gone, version-required, version-stale, malformed, invalid
 */
export async function updateResource<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  body: unknown,
  expected: number | undefined,
): Promise<Stored> {
  const before = await findChangeable(unit, kind, id, expected);
  const resource = readValid<AnyResource>(unit.register.conformance, kind.type, body);
  if (resource.id !== undefined && resource.id !== id) {
    throw problem(
      'malformed',
      'id-mismatch',
      'The id of the resource must be the id in the address.',
      `${kind.type}.id`,
    );
  }
  return write(unit, kind, before, await kind.prepare(unit, resource, before), 'update');
}

/** The same for a JSON Patch, of which the result must be as valid as any other version. */
export async function patchResource<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  patch: unknown,
  expected: number | undefined,
): Promise<Stored> {
  const before = await findChangeable(unit, kind, id, expected);
  const patched = applyPatch(await kind.show(unit, before, before.content ?? {}), patch);
  const resource = readValid<AnyResource>(unit.register.conformance, kind.type, patched);
  return write(unit, kind, before, await kind.prepare(unit, resource, before), 'patch');
}

/** Records a deletion; its history stays. Returns the number of the deletion, nothing when it was deleted before. */
export async function deleteResource<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  expected: number | undefined,
): Promise<number | undefined> {
  const row = await findVisible(unit, kind, id, { lock: true });
  if (row.deleted) {
    unit.note({ detail: { entities: [`${kind.type}/${id}`] } });
    return undefined;
  }
  requireVersion(kind, row, expected);
  await kind.beforeDelete(unit, row);
  const deleted = await deleteRow(unit.sql, kind.table, { id, recordedAt: await readClock(unit.sql) });
  if (deleted === undefined) throw staleVersion();
  noteChange(unit, kind, deleted);
  return deleted.version;
}

/** The row to change, locked, visible to the caller, and of the version the caller saw. */
async function findChangeable<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  id: string,
  expected: number | undefined,
): Promise<Row> {
  const row = await findVisible(unit, kind, id, { lock: true });
  if (row.deleted) throw problem('gone', 'deleted', 'This resource was deleted.');
  requireVersion(kind, row, expected);
  return row;
}

async function write<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  before: Row,
  prepared: Prepared<Row>,
  method: 'update' | 'patch',
): Promise<Stored> {
  const { content, search } = prepared;
  const version = {
    id: before.id,
    expected: before.version,
    recordedAt: await readClock(unit.sql),
    content,
    search,
    method,
  };
  const row = await prepared.update(unit.sql, version);
  if (row === undefined) throw staleVersion();
  return noted(unit, kind, row, false);
}

/** https://hl7.org/fhir/R4/http.html#concurrency, RFC 6585 section 3 */
function requireVersion<Row extends Current>(kind: ResourceKind<Row>, row: Row, expected: number | undefined): void {
  if (expected === undefined && kind.versionRequired) {
    throw problem(
      'version-required',
      'if-match-required',
      `If-Match with the version of the ${kind.type} is required.`,
    );
  }
  if (expected !== undefined && expected !== row.version) throw staleVersion();
}

function staleVersion() {
  return problem('version-stale', 'version-stale', 'The resource has changed since the version that If-Match names.');
}

function noted<Row extends Current>(unit: Unit, kind: ResourceKind<Row>, row: Row, created: boolean): Promise<Stored> {
  noteChange(unit, kind, row);
  return storedOf(unit, kind, row, created);
}

function noteChange<Row extends Current>(unit: Unit, kind: ResourceKind<Row>, row: Row): void {
  const patientKey = kind.patientKeyOf(row);
  const entities = [`${kind.type}/${row.id}/_history/${row.version}`];
  unit.note({
    ...(patientKey === undefined ? {} : { patientKey }),
    detail: { entities },
    ...(kind.way === undefined ? {} : { recorded: { way: kind.way, consents: entities } }),
  });
}
