import type { Bindings } from './bindings.ts';
import { timestamp } from './clock.ts';
import type { Cursor } from './cursor.ts';
import type { Sql } from './database.ts';
import { type SearchedPeriod, instantCondition } from './date-condition.ts';
import { isSubscribed } from './search-scope.ts';
import { countTimeline, type RawEntry, readTimeline, type Timeline, type TimelinePage } from './timeline.ts';

/** Where the answers of one recording for one citizen come from. Append-only. */
export interface ProvenanceRow {
  readonly id: string;
  readonly patientKey: Buffer;
  /** Milliseconds by the database's clock. */
  readonly recordedAt: number;
  readonly way: string;
  /** The citizen who recorded; absent when a client did, and when that citizen has no account any more. */
  readonly recorderKey?: Buffer;
  readonly clientId?: string;
  /** Number of the organisation that recorded. */
  readonly ura?: string;
  readonly reason?: string;
  readonly catalogueVersion: string;
  /** Versions of Consents: `Consent/4f1…/_history/2`. */
  readonly targets: readonly string[];
}

/** Which rows; every condition given must hold. An empty list admits nothing. */
export interface ProvenanceSelection {
  readonly ids?: readonly string[];
  readonly patientKeys?: readonly Buffer[];
  readonly uras?: readonly string[];
  /** Citizens for whom the holder of this vault has a subscription. */
  readonly subscribedBy?: Buffer;
  /** Resources without version, `Consent/4f1…`: one of them must be among the targets. */
  readonly targets?: readonly string[];
  readonly recorded?: readonly SearchedPeriod[];
  /** What must hold too. */
  readonly and?: readonly ProvenanceSelection[];
}

type RawProvenance = RawEntry & {
  readonly patient_key: Buffer;
  readonly way: string;
  readonly recorder_key: Buffer | null;
  readonly client_id: string | null;
  readonly ura: string | null;
  readonly reason: string | null;
  readonly catalogue_version: string;
  readonly targets: string[];
};

const COLUMNS = 'id, patient_key, recorded_at, way, recorder_key, client_id, ura, reason, catalogue_version, targets';

// A list of lists of several lengths does not go through unnest; references hold no spaces.
const INSERT = `
  insert into provenance (${COLUMNS})
  select id, patient_key, recorded_at, way, recorder_key, client_id, ura, reason, catalogue_version,
    string_to_array(targets, ' ')
  from unnest($1::uuid[], $2::bytea[], $3::timestamptz[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[])
    as given (id, patient_key, recorded_at, way, recorder_key, client_id, ura, reason, catalogue_version, targets)`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const PROVENANCE: Timeline<ProvenanceRow> = { name: 'provenance', columns: COLUMNS, readRow: readProvenanceRow };

function readProvenanceRow(raw: RawEntry): ProvenanceRow {
  const { id, recorded_at: recordedAt, patient_key: patientKey, way, targets, ...rest } = raw as RawProvenance;
  const { recorder_key: recorderKey, client_id: clientId, ura, reason, catalogue_version: catalogueVersion } = rest;
  return {
    id,
    patientKey,
    recordedAt,
    way,
    ...(recorderKey === null ? {} : { recorderKey }),
    ...(clientId === null ? {} : { clientId }),
    ...(ura === null ? {} : { ura }),
    ...(reason === null ? {} : { reason }),
    catalogueVersion,
    targets,
  };
}

/** Writes all of them in one statement, in the caller's transaction. */
export async function insertProvenance(sql: Sql, rows: readonly ProvenanceRow[]): Promise<void> {
  const columns = [
    rows.map(({ id }) => id),
    rows.map(({ patientKey }) => patientKey),
    rows.map(({ recordedAt }) => timestamp(recordedAt)),
    rows.map(({ way }) => way),
    rows.map(({ recorderKey }) => recorderKey ?? null),
    rows.map(({ clientId }) => clientId ?? null),
    rows.map(({ ura }) => ura ?? null),
    rows.map(({ reason }) => reason ?? null),
    rows.map(({ catalogueVersion }) => catalogueVersion),
    rows.map(({ targets }) => targets.join(' ')),
  ];
  await sql.query(INSERT, columns, 'insert-provenance');
}

/** A page by time, newest first unless `ascending`. @throws Problem malformed for a cursor of another search */
export function searchProvenance(
  sql: Sql,
  request: ProvenanceSelection & TimelinePage,
): Promise<{ rows: ProvenanceRow[]; next?: Cursor }> {
  return readTimeline(sql, PROVENANCE, (bindings) => selectionCondition(request, bindings), request);
}

/** How many there are. */
export function countProvenance(sql: Sql, selection: ProvenanceSelection): Promise<number> {
  return countTimeline(sql, PROVENANCE, (bindings) => selectionCondition(selection, bindings));
}

function selectionCondition(selection: ProvenanceSelection, bindings: Bindings): string {
  const { ids, patientKeys, uras, subscribedBy, targets, recorded = [], and = [] } = selection;
  const uuids = ids?.filter((id) => UUID.test(id));
  return [
    'true',
    ...(uuids === undefined ? [] : [`t.id = any(${bindings.bind(uuids, 'uuid[]')})`]),
    ...(patientKeys === undefined ? [] : [`t.patient_key = any(${bindings.bind(patientKeys, 'bytea[]')})`]),
    ...(uras === undefined ? [] : [`t.ura = any(${bindings.bind(uras, 'text[]')})`]),
    ...(subscribedBy === undefined ? [] : [isSubscribed(bindings.bind(subscribedBy, 'bytea'))]),
    ...(targets === undefined ? [] : [isTarget(bindings.bind(targets, 'text[]'))]),
    ...recorded.map((period) => instantCondition('t.recorded_at', period, bindings)),
    ...and.map((one) => selectionCondition(one, bindings)),
  ].join(' and ');
}

function isTarget(references: string): string {
  return `exists (select from unnest(t.targets) as target where split_part(target, '/_history/', 1) = any(${references}))`;
}
