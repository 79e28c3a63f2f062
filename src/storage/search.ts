import { type Bindings, createBindings } from './bindings.ts';
import type { Cursor } from './cursor.ts';
import type { Sql } from './database.ts';
import { type Filter, filterCondition } from './search-filter.ts';
import { type Sort, createOrder } from './search-order.ts';
import { type Scope, scopeCondition } from './search-scope.ts';
import { type Current, type RawCurrent, type ResourceTable, currentColumns } from './versioned.ts';

/** Which rows. */
export interface Selection {
  readonly filters: readonly Filter[];
  readonly scope: Scope;
}

/** Which page of them. Without `sort`, by id. */
export interface RowSearch extends Selection {
  readonly sort?: readonly Sort[];
  /** Most rows of a page. */
  readonly count: number;
  /** `next` of the page before. */
  readonly cursor?: Cursor;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** There when more rows follow. */
  readonly next?: Cursor;
}

function selectionCondition({ filters, scope }: Selection, bindings: Bindings): string {
  const conditions = filters.map((filter) => filterCondition(filter, bindings));
  return ['not t.deleted', scopeCondition(scope, bindings), ...conditions].join(' and ');
}

/** A page of the current rows that are not deleted. @throws Problem malformed for a cursor of another search */
export async function searchRows<Row extends Current>(
  sql: Sql,
  table: ResourceTable<Row>,
  search: RowSearch,
): Promise<Page<Row>> {
  const bindings = createBindings();
  const condition = selectionCondition(search, bindings);
  const order = createOrder(search.sort ?? [], search.cursor, bindings);
  const text = `select ${currentColumns(table)}, ${order.columns} from ${table.name} as t
    where ${condition} and ${order.after} order by ${order.orderBy} limit ${bindings.bind(search.count + 1, 'integer')}`;
  const { rows } = await sql.query<RawCurrent>(text, bindings.values);
  const page = rows.slice(0, search.count);
  const last = page.at(-1);
  const next = rows.length > search.count && last !== undefined ? { next: order.cursorOf(last) } : {};
  return { rows: page.map(table.readRow), ...next };
}

/** How many current rows there are. */
export async function countRows(sql: Sql, table: ResourceTable<Current>, selection: Selection): Promise<number> {
  const bindings = createBindings();
  const text = `select count(*) as count from ${table.name} as t where ${selectionCondition(selection, bindings)}`;
  const { rows } = await sql.query<{ count: number }>(text, bindings.values);
  return rows[0]?.count ?? 0;
}
