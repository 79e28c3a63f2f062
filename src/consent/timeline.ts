import type { AuditEvent, Provenance } from '@medplum/fhirtypes';
import { problem } from '../problem.ts';
import type { Cursor } from '../storage/cursor.ts';
import { findPatients, PATIENT } from '../storage/patient.ts';
import type { TimelinePage } from '../storage/timeline.ts';
import { readResource } from '../storage/versioned.ts';
import type { BoundSearch } from './bind-search.ts';
import type { Unit } from './unit.ts';

/** What happened once and is never changed: `recorded` is when. */
export type Entry = AuditEvent | Provenance;

/** A type of which entries are only ever added, by the server, and read in the order of time. */
export interface Timeline {
  readonly type: Entry['resourceType'];
  /** @throws Problem not-found, also for one that the caller may not see */
  read(unit: Unit, id: string): Promise<Entry>;
  /** @throws Problem malformed for a parameter or order that this type cannot serve */
  search(unit: Unit, request: BoundSearch): Promise<FoundEntries>;
}

export interface FoundEntries {
  readonly entries: readonly Entry[];
  readonly total?: number;
  readonly next?: Cursor;
}

export interface TimelineSearch extends TimelinePage {
  readonly withTotal: boolean;
}

/**
 * The page that a search asks for.
 * @param key the search parameter that is the time of an entry, beside `_lastUpdated`
 */
export function timelineSearch(request: BoundSearch, key: string): TimelineSearch {
  const [sort, ...others] = request.sort;
  if (others.length > 0 || ![key, '_lastUpdated', undefined].includes(sort?.key)) throw unsupported('_sort');
  return {
    count: Math.max(request.count, 1),
    withTotal: request.total === 'accurate' || request.summary === 'count' || request.count === 0,
    ...(sort === undefined ? {} : { ascending: !sort.descending }),
    ...(request.cursor === undefined ? {} : { cursor: request.cursor }),
  };
}

export function unsupported(param: string) {
  return problem('malformed', 'search-parameter-unsupported', `Searching by ${param} is not possible here.`);
}

/** The citizens that literal references name, as far as they are Patients. */
export async function patientKeysOf(unit: Unit, references: readonly string[]): Promise<Buffer[]> {
  const ids = references.flatMap((reference) =>
    reference.startsWith('Patient/') ? [reference.slice('Patient/'.length)] : [],
  );
  const rows = await Promise.all(ids.map((id) => readResource(unit.sql, PATIENT, id)));
  return rows.flatMap((row) => (row === undefined ? [] : [row.patientKey]));
}

/** Literal references to citizens, by pseudonym; nothing for one without a Patient. */
export async function referencesTo(
  unit: Unit,
  patientKeys: readonly Buffer[],
): Promise<(patientKey: Buffer) => string | undefined> {
  const rows = await findPatients(unit.sql, patientKeys);
  const references = new Map(rows.map((row) => [row.patientKey.toString('hex'), `Patient/${row.id}`]));
  return (patientKey) => references.get(patientKey.toString('hex'));
}
