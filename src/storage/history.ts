import { type Bindings, createBindings } from './bindings.ts';
import { timestamp } from './clock.ts';
import { type Cursor, checkLength, readInstant, readInteger, readText } from './cursor.ts';
import type { Sql } from './database.ts';
import { type Scope, scopeCondition } from './search-scope.ts';
import { type Current, type RawVersion, type ResourceTable, type Version, readVersionColumns } from './versioned.ts';

export interface HistorySelection {
  /** One resource; absent: all of the type. */
  readonly id?: string;
  readonly scope: Scope;
  /** Only versions recorded at or after this instant, milliseconds. */
  readonly since?: number;
}

export interface HistoryPage {
  /** Newest first. */
  readonly versions: readonly Version[];
  readonly next?: Cursor;
}

/** Versions of the resources whose current row the caller may see. */
function selectionCondition(table: string, selection: HistorySelection, bindings: Bindings): string {
  const { id, scope, since } = selection;
  const visible = `exists (select from ${table} as t where t.id = h.id and ${scopeCondition(scope, bindings)})`;
  return [
    ...(scope === 'all' ? ['true'] : [visible]),
    ...(id === undefined ? [] : [`h.id = ${bindings.bind(id, 'text')}`]),
    ...(since === undefined ? [] : [`h.recorded_at >= ${bindings.bind(timestamp(since), 'timestamptz')}`]),
  ].join(' and ');
}

function beforeCursor(cursor: Cursor, bindings: Bindings): string {
  checkLength(cursor, 3);
  const [recordedAt, id, version] = cursor;
  const instant = bindings.bind(timestamp(readInstant(recordedAt)), 'timestamptz');
  const rest = `${bindings.bind(readText(id), 'text')}, ${bindings.bind(readInteger(version), 'integer')}`;
  return `(h.recorded_at, h.id, h.version) < (${instant}, ${rest})`;
}

/**
 * A page of the versions of one resource or of a whole type, newest first.
 * @throws Problem malformed for a cursor of another request
 */
export async function readHistory(
  sql: Sql,
  table: ResourceTable<Current>,
  request: HistorySelection & { readonly count: number; readonly cursor?: Cursor },
): Promise<HistoryPage> {
  const bindings = createBindings();
  const selected = selectionCondition(table.name, request, bindings);
  const before = request.cursor === undefined ? 'true' : beforeCursor(request.cursor, bindings);
  const text = `select h.id, h.version, h.recorded_at, h.method, h.content from ${table.name}_history as h
    where ${selected} and ${before} order by h.recorded_at desc, h.id desc, h.version desc
    limit ${bindings.bind(request.count + 1, 'integer')}`;
  const { rows } = await sql.query<RawVersion>(text, bindings.values);
  const versions = rows.slice(0, request.count).map(readVersionColumns);
  const last = versions.at(-1);
  if (rows.length <= request.count || last === undefined) return { versions };
  return { versions, next: [last.recordedAt, last.id, last.version] };
}

/** How many versions there are. */
export async function countHistory(
  sql: Sql,
  table: ResourceTable<Current>,
  selection: HistorySelection,
): Promise<number> {
  const bindings = createBindings();
  const selected = selectionCondition(table.name, selection, bindings);
  const text = `select count(*) as count from ${table.name}_history as h where ${selected}`;
  const { rows } = await sql.query<{ count: number }>(text, bindings.values);
  return rows[0]?.count ?? 0;
}
