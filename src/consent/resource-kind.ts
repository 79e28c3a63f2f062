import type { Consent, Organization, Patient, Subscription } from '@medplum/fhirtypes';
import type { SearchValues } from '../fhir/search-values.ts';
import type { Scope } from '../storage/search-scope.ts';
import type { Sql } from '../storage/database.ts';
import type { Change, Current, NewVersion, ResourceTable } from '../storage/versioned.ts';
import type { Unit } from './unit.ts';
import type { Way } from './way.ts';

/** The types that are stored in versions. */
export type AnyResource = Patient | Organization | Consent | Subscription;

/** A valid resource, ready to be written: normalised, and without what the database must not hold. */
export interface Prepared<Row extends Current> {
  readonly content: AnyResource;
  readonly search: SearchValues;
  /** The citizen it is about. */
  readonly patientKey?: Buffer;
  /** For a new resource: the one there is already that stands for it, and whether it says something else yet. */
  readonly standing?: { readonly row: Row; readonly differs: boolean };
  insert(sql: Sql, version: NewVersion): Promise<Row>;
  update(sql: Sql, version: NewVersion & Change & { readonly method: 'update' | 'patch' }): Promise<Row | undefined>;
}

/** The row of any stored type. */
export type StoredRow = Current;

/** What differs between the types that are stored: everything else about them is in this room once. */
export interface ResourceKind<Row extends Current> {
  readonly type: AnyResource['resourceType'];
  readonly table: ResourceTable<Row>;
  /** Whether a change must name the version it is of. */
  readonly versionRequired: boolean;
  /** The way in which a change records a consent; absent: it records none. */
  readonly way?: Way;
  /**
   * Applies the business rules to a resource that its profile accepts.
   * @param before the row to be changed; absent for a new resource
   * @throws Problem invalid naming the element, or forbidden
   */
  prepare(unit: Unit, resource: AnyResource, before?: Row): Promise<Prepared<Row>>;
  /** Whether this caller may see the row; one who may not sees nothing at all. */
  maySee(unit: Unit, row: Row): Promise<boolean>;
  /** What keeps a row from being deleted. @throws Problem */
  beforeDelete(unit: Unit, row: Row): Promise<void>;
  /** The stored content as it is shown, with what the database keeps apart put back. */
  show(unit: Unit, row: Row, content: object): AnyResource | Promise<AnyResource>;
  /** The rows this caller may find. */
  scope(unit: Unit): Promise<Scope>;
  patientKeyOf(row: Row): Buffer | undefined;
}
