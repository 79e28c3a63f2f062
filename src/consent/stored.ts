import type { Current } from '../storage/versioned.ts';
import type { Unit } from './perform.ts';
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
  const { resourceType, id: _id, meta, ...rest } = resource;
  const lastUpdated = new Date(recordedAt).toISOString();
  return { resourceType, id, meta: { ...meta, versionId: String(version), lastUpdated }, ...rest } as AnyResource;
}

/** What is stored of a resource: without id, and without the parts of meta that are ours to say. */
export function withoutMeta<T extends AnyResource>(resource: T, profile: string): T {
  const { id: _id, meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {};
  return { ...rest, meta: { ...kept, profile: [profile] } } as unknown as T;
}
