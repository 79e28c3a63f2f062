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
export function storedOf<Row extends Current>(unit: Unit, kind: ResourceKind<Row>, row: Row, created = false): Stored {
  const { id, version, recordedAt } = row;
  const resource = withMeta(kind.show(unit, row, row.content ?? {}), id, version, recordedAt);
  return { id, version, recordedAt, created, resource };
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
