import type { Sql } from './database.ts';
import { timestamp } from './clock.ts';

/** How a version came about. */
type Method = 'create' | 'update' | 'patch' | 'delete';

/** What every resource row has. Instants are milliseconds by the database's clock. */
export interface Current {
  readonly id: string;
  readonly version: number;
  readonly recordedAt: number;
  /** A deleted resource keeps its row and its numbering, without content. */
  readonly deleted: boolean;
  /** The resource as JSON, without the parts that are set when it is read (id, meta). */
  readonly content: object | null;
}

/** One version of a resource; `content` is null for a deletion. */
export interface Version {
  readonly id: string;
  readonly version: number;
  readonly recordedAt: number;
  readonly method: Method;
  readonly content: object | null;
}

/** The columns of a resource table, for the parts of statements that all three share. */
export interface ResourceTable<Row extends Current> {
  readonly name: 'patient' | 'organization' | 'consent' | 'subscription';
  /** Columns beside the common ones. */
  readonly own: readonly string[];
  /** Those of them that a new version sets. */
  readonly changing: readonly string[];
  /** Those of them that the history keeps. */
  readonly kept: readonly string[];
  /** What a deletion does beside emptying the row. */
  readonly onDelete: string;
  readonly readRow: (raw: RawCurrent) => Row;
}

/** A row as pg gives it, with whatever columns the table adds. */
export type RawCurrent = Record<string, unknown> & {
  readonly id: string;
  readonly version: number;
  readonly recorded_at: number;
  readonly deleted: boolean;
  readonly content: object | null;
};

export type RawVersion = Record<string, unknown> & {
  readonly id: string;
  readonly version: number;
  readonly recorded_at: number;
  readonly method: Method;
  readonly content: object | null;
};

/** What a writer gives for a version. */
export interface NewVersion {
  readonly id: string;
  /** The instant of the whole recording; stored later when the row's last version is later. */
  readonly recordedAt: number;
  readonly content: object;
  /** Search values by parameter. */
  readonly search: object;
}

/** A change of what is there. */
export interface Change {
  /** The version the caller saw: with another one current, nothing happens. Absent: whatever is current. */
  readonly expected?: number;
}

const COMMON = ['id', 'version', 'recorded_at', 'deleted', 'content'];
const COMMON_HISTORY = ['id', 'version', 'recorded_at', 'method', 'content'];

export function readCurrentColumns(raw: RawCurrent): Current {
  const { id, version, recorded_at: recordedAt, deleted, content } = raw;
  return { id, version, recordedAt, deleted, content };
}

export function readVersionColumns(raw: RawVersion): Version {
  const { id, version, recorded_at: recordedAt, method, content } = raw;
  return { id, version, recordedAt, method, content };
}

/** Columns of a current row, each as `t.column`. */
export function currentColumns(table: ResourceTable<Current>): string {
  return [...COMMON, ...table.own].map((column) => `t.${column}`).join(', ');
}

function placeholders(columns: readonly string[], first: number): string[] {
  return columns.map((_, index) => `$${first + index}`);
}

/** Ends a statement whose `written` holds new current rows: their history rows, and the rows themselves. */
export function keepHistory(table: ResourceTable<Current>, method: string): string {
  const kept = table.kept.map((column) => `, ${column}`).join('');
  return `, kept as (
    insert into ${table.name}_history (id, version, recorded_at, method, content${kept})
    select id, version, recorded_at, ${method}, content${kept} from written)
  select ${currentColumns(table)} from written as t`;
}

function insertStatement(table: ResourceTable<Current>): string {
  const own = table.own.map((column) => `, ${column}`).join('');
  const values = placeholders(table.own, 5)
    .map((value) => `, ${value}`)
    .join('');
  return `with written as (
    insert into ${table.name} (id, version, recorded_at, deleted, content, search${own})
    values ($1, 1, $2, false, $3, $4${values})
    returning *)${keepHistory(table, `'create'`)}`;
}

// One row's update waits for the one before it and then sees its result, so `version = $2` admits one of many.
function updateStatement(table: ResourceTable<Current>): string {
  const values = placeholders(table.changing, 7);
  const changing = table.changing.map((column, index) => `, ${column} = ${values[index] ?? ''}`).join('');
  return `with written as (
    update ${table.name}
    set version = version + 1, recorded_at = greatest($3::timestamptz, recorded_at),
        content = $4, search = $5${changing}
    where id = $1 and ($2::integer is null or version = $2) and not deleted
    returning *)${keepHistory(table, '$6::text')}`;
}

function deleteStatement(table: ResourceTable<Current>): string {
  return `with written as (
    update ${table.name}
    set version = version + 1, recorded_at = greatest($3::timestamptz, recorded_at), deleted = true,
        content = null, search = '{}'${table.onDelete}
    where id = $1 and ($2::integer is null or version = $2) and not deleted
    returning *)${keepHistory(table, `'delete'`)}`;
}

async function firstRow<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  text: string,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const { rows } = await sql.query<RawCurrent>(text, values);
  const [raw] = rows;
  return raw === undefined ? undefined : table.readRow(raw);
}

/**
 * Records version 1. `own` are the values of the table's own columns, in their order.
 * @throws Problem conflict when the id, or another unique key, is taken
 */
export async function insertResource<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  version: NewVersion,
  own: readonly unknown[],
): Promise<Row> {
  const { id, recordedAt, content, search } = version;
  const values = [id, timestamp(recordedAt), content, search, ...own];
  const row = await firstRow(sql, table, insertStatement(table), values);
  if (row === undefined) throw new Error('an insert gave no row');
  return row;
}

/** Records the next version; nothing when the id is unknown or deleted, or `expected` not current. */
export async function updateResource<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  version: NewVersion & Change & { readonly method: 'update' | 'patch' },
  changing: readonly unknown[],
): Promise<Row | undefined> {
  const { id, expected = null, recordedAt, content, search, method } = version;
  const values = [id, expected, timestamp(recordedAt), content, search, method, ...changing];
  return firstRow(sql, table, updateStatement(table), values);
}

/** Records a deletion as the next version; nothing when the id is unknown or deleted, or `expected` not current. */
export async function deleteResource<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  change: Change & { readonly id: string; readonly recordedAt: number },
): Promise<Row | undefined> {
  const { id, expected = null, recordedAt } = change;
  return firstRow(sql, table, deleteStatement(table), [id, expected, timestamp(recordedAt)]);
}

/** The current row, deleted or not. With `lock`, other writers of it wait until the transaction ends. */
export async function readResource<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<Row | undefined> {
  const lock = options.lock === true ? ' for update' : '';
  return firstRow(sql, table, `select ${currentColumns(table)} from ${table.name} as t where t.id = $1${lock}`, [id]);
}

/** The current rows with these ids, deleted or not, in no order. */
export async function readResources<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  ids: readonly string[],
): Promise<Row[]> {
  const text = `select ${currentColumns(table)} from ${table.name} as t where t.id = any($1::text[])`;
  const { rows } = await sql.query<RawCurrent>(text, [ids]);
  return rows.map((raw) => table.readRow(raw));
}

/** One version, a deletion too. */
export async function readResourceVersion(
  sql: Sql,
  table: ResourceTable<Current>,
  id: string,
  version: number,
): Promise<Version | undefined> {
  const columns = COMMON_HISTORY.map((column) => `h.${column}`).join(', ');
  const text = `select ${columns} from ${table.name}_history as h where h.id = $1 and h.version = $2`;
  const { rows } = await sql.query<RawVersion>(text, [id, version]);
  return rows.map(readVersionColumns)[0];
}
