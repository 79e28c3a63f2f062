import type { Sql } from './database.ts';

/** A parent who decided about what a child proposed. */
export interface FamilyRow {
  readonly childKey: Buffer;
  readonly parentKey: Buffer;
}

const SAVE_FAMILY = `insert into family (child_key, parent_key) values ($1, $2) on conflict do nothing`;

const FIND_PARENTS = `
  select child_key, parent_key from family where child_key = any($1::bytea[]) order by child_key, parent_key`;

/** Remembers a parent; once is enough. */
export async function saveFamily(sql: Sql, { childKey, parentKey }: FamilyRow): Promise<void> {
  await sql.query(SAVE_FAMILY, [childKey, parentKey]);
}

/** The parents of these children, in one order. */
export async function findParents(sql: Sql, childKeys: readonly Buffer[]): Promise<FamilyRow[]> {
  const { rows } = await sql.query<{ child_key: Buffer; parent_key: Buffer }>(FIND_PARENTS, [childKeys]);
  return rows.map((row) => ({ childKey: row.child_key, parentKey: row.parent_key }));
}
