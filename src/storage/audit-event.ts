import type { Bindings } from './bindings.ts';
import { timestamp } from './clock.ts';
import type { Cursor } from './cursor.ts';
import type { Sql } from './database.ts';
import { type SearchedPeriod, instantCondition } from './date-condition.ts';
import { countTimeline, type RawEntry, readTimeline, type Timeline, type TimelinePage } from './timeline.ts';

/** One access. Append-only. */
export interface AuditEventRow {
  /** A version 7 UUID of `recordedAt`. */
  readonly id: string;
  /** Milliseconds by the database's clock. */
  readonly recordedAt: number;
  readonly patientKey?: Buffer;
  readonly clientId?: string;
  readonly interaction: string;
  readonly outcome: string;
  readonly detail: object;
}

/** Which events; every list given must hold the event's value. An empty list admits nothing. */
export interface AuditSelection {
  readonly ids?: readonly string[];
  readonly patientKeys?: readonly Buffer[];
  readonly clientIds?: readonly string[];
  readonly interactions?: readonly string[];
  readonly outcomes?: readonly string[];
  readonly recorded?: readonly SearchedPeriod[];
  /** What must hold too. */
  readonly and?: readonly AuditSelection[];
}

type RawAuditEvent = RawEntry & {
  readonly patient_key: Buffer | null;
  readonly client_id: string | null;
  readonly interaction: string;
  readonly outcome: string;
  readonly detail: object;
};

const APPEND = `
  insert into audit_event (id, recorded_at, patient_key, client_id, interaction, outcome, detail)
  select * from unnest($1::uuid[], $2::timestamptz[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::jsonb[])`;

const COLUMNS = 'id, recorded_at, patient_key, client_id, interaction, outcome, detail';

// The window lets PostgreSQL look at three days instead of all.
const FIND = `select ${COLUMNS} from audit_event where id = $1 and recorded_at between $2 and $3`;

// A bare comparison of `recorded_at`, so that PostgreSQL looks at no older days.
const COUNT_RECENT = `
  select count(*) as count from audit_event where patient_key = $1 and recorded_at > $2::timestamptz and detail @> $3::jsonb`;

const DAY = 86_400_000;
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const LATEST = Date.UTC(9999, 0, 1);

const AUDIT_EVENT: Timeline<AuditEventRow> = { name: 'audit_event', columns: COLUMNS, readRow: readAuditEventRow };

function readAuditEventRow(raw: RawEntry): AuditEventRow {
  const { id, recorded_at: recordedAt, patient_key: patientKey, client_id: clientId, ...event } = raw as RawAuditEvent;
  const { interaction, outcome, detail } = event;
  return {
    id,
    recordedAt,
    ...(patientKey === null ? {} : { patientKey }),
    ...(clientId === null ? {} : { clientId }),
    interaction,
    outcome,
    detail,
  };
}

/** Writes all of them in one statement, in the caller's transaction if it has one. */
export async function appendAuditEvents(sql: Sql, events: readonly AuditEventRow[]): Promise<void> {
  const columns = [
    events.map(({ id }) => id),
    events.map(({ recordedAt }) => timestamp(recordedAt)),
    events.map(({ patientKey }) => patientKey ?? null),
    events.map(({ clientId }) => clientId ?? null),
    events.map(({ interaction }) => interaction),
    events.map(({ outcome }) => outcome),
    jsonArray(events.map(({ detail }) => detail)),
  ];
  await sql.query(APPEND, columns, 'append-audit-events');
}

/** An array in PostgreSQL's spelling. The text of a JSON value holds no control character, and of what else is escaped both say the same. */
function jsonArray(values: readonly object[]): string {
  return `{${values.map((value) => JSON.stringify(JSON.stringify(value))).join()}}`;
}

/** The instant a version 7 UUID was made for (RFC 9562 section 5.7); nothing for any other text. */
function instantOf(id: string): number | undefined {
  const match = UUID_V7.exec(id);
  const instant = match === null ? NaN : parseInt(`${match[1] ?? ''}${match[2] ?? ''}`, 16);
  return instant < LATEST ? instant : undefined;
}

/** The event with this id; nothing for a text that cannot be one. */
export async function findAuditEvent(sql: Sql, id: string): Promise<AuditEventRow | undefined> {
  const instant = instantOf(id);
  if (instant === undefined) return undefined;
  const values = [id, timestamp(instant - DAY), timestamp(instant + DAY)];
  const { rows } = await sql.query<RawAuditEvent>(FIND, values);
  return rows.map(readAuditEventRow)[0];
}

function idCondition(ids: readonly string[], bindings: Bindings): string {
  const known = ids.flatMap((id) => instantOf(id) ?? []);
  const readable = ids.filter((id) => instantOf(id) !== undefined);
  if (readable.length === 0) return 'false';
  const first = bindings.bind(timestamp(Math.min(...known) - DAY), 'timestamptz');
  const last = bindings.bind(timestamp(Math.max(...known) + DAY), 'timestamptz');
  return `id = any(${bindings.bind(readable, 'uuid[]')}) and recorded_at between ${first} and ${last}`;
}

function selectionCondition(selection: AuditSelection, bindings: Bindings): string {
  const lists = [
    ['patient_key', selection.patientKeys, 'bytea[]'],
    ['client_id', selection.clientIds, 'text[]'],
    ['interaction', selection.interactions, 'text[]'],
    ['outcome', selection.outcomes, 'text[]'],
  ] as const;
  return [
    'true',
    ...(selection.ids === undefined ? [] : [idCondition(selection.ids, bindings)]),
    ...lists.flatMap(([column, values, type]) =>
      values === undefined ? [] : [`${column} = any(${bindings.bind(values, type)})`],
    ),
    ...(selection.recorded ?? []).map((period) => instantCondition('recorded_at', period, bindings)),
    ...(selection.and ?? []).map((one) => selectionCondition(one, bindings)),
  ].join(' and ');
}

/** A page of events by time, newest first unless `ascending`. @throws Problem malformed for a cursor of another search */
export function searchAuditEvents(
  sql: Sql,
  request: AuditSelection & TimelinePage,
): Promise<{ rows: AuditEventRow[]; next?: Cursor }> {
  return readTimeline(sql, AUDIT_EVENT, (bindings) => selectionCondition(request, bindings), request);
}

/** How many events there are. */
export function countAuditEvents(sql: Sql, selection: AuditSelection): Promise<number> {
  return countTimeline(sql, AUDIT_EVENT, (bindings) => selectionCondition(selection, bindings));
}

/**
 * How many of a citizen's events after `since` (milliseconds) hold all of this in their detail. With the citizen's lock, these
 * are all that there are, whichever server wrote them; they outlive the account.
 */
export async function countRecentEvents(sql: Sql, patientKey: Buffer, since: number, detail: object): Promise<number> {
  const values = [patientKey, timestamp(since), JSON.stringify(detail)];
  const { rows } = await sql.query<{ count: number }>(COUNT_RECENT, values);
  return rows[0]?.count ?? 0;
}
