import type { Current } from '../storage/versioned.ts';
import type { Unit } from './unit.ts';
import type { AnyResource, ResourceKind } from './resource-kind.ts';

/** A resource as it leaves: with its id, version and moment. */
export interface Stored {
  readonly id: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
  readonly resource: AnyResource;
  readonly created: boolean;
}

/** The current version of a row, for its caller. */
export async function storedOf<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  row: Row,
  created = false,
): Promise<Stored> {
  const { id, version, recordedAt } = row;
  const resource = withMeta(await kind.show(unit, row, row.content ?? {}), id, version, recordedAt);
  return { id, version, recordedAt, created, resource };
}

/** The same for several, one after the other: they share one connection. */
export async function storedAll<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  rows: readonly Row[],
): Promise<Stored[]> {
  const all: Stored[] = [];
  for (const row of rows) all.push(await storedOf(unit, kind, row));
  return all;
}

/** Puts id, version and moment on a resource; what it says about itself otherwise stays. */
export function withMeta(resource: AnyResource, id: string, version: number, recordedAt: number): AnyResource {
  const lastUpdated = new Date(recordedAt).toISOString();
  const meta = { ...resource.meta, versionId: String(version), lastUpdated };
  return Object.assign({ resourceType: resource.resourceType, id, meta }, resource, { id, meta });
}

/** What is stored of a resource: without id, and without the parts of meta that are ours to say. */
export function withoutMeta<T extends AnyResource>(resource: T, profile: string): T {
  const copy = { ...resource, meta: { ...resource.meta, profile: [profile] } };
  delete copy.id;
  delete copy.meta.versionId;
  delete copy.meta.lastUpdated;
  return copy;
}
