import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';
import {
  type Change,
  type Current,
  type NewVersion,
  type RawCurrent,
  type ResourceTable,
  currentColumns,
  insertResource,
  readCurrentColumns,
  updateResource,
} from './versioned.ts';

/** A registered organisation; the history keeps its number and types, which decisions about the past need. */
export interface OrganizationRow extends Current {
  readonly ura: string;
  /** Codes of its organisation types. */
  readonly types: readonly string[];
}

interface Registration {
  readonly ura: string;
  readonly types: readonly string[];
}

export const ORGANIZATION: ResourceTable<OrganizationRow> = {
  name: 'organization',
  own: ['ura', 'types'],
  changing: ['ura', 'types'],
  kept: ['ura', 'types'],
  onDelete: '',
  readRow: readOrganizationRow,
};

const FIND_ORGANIZATIONS = `
  select ${currentColumns(ORGANIZATION)} from organization as t where t.ura = any($1::text[]) and not t.deleted`;

const FIND_TYPES_AT = `
  select asked.ura, asked.at, was.types
  from (select distinct * from unnest($1::text[], $2::timestamptz[])) as asked (ura, at)
  cross join lateral (
    select types, method from organization_history as h
    where h.ura = asked.ura and h.recorded_at <= asked.at
    order by h.recorded_at desc, h.version desc limit 1) as was
  where was.method <> 'delete'`;

function readOrganizationRow(raw: RawCurrent): OrganizationRow {
  return { ...readCurrentColumns(raw), ura: raw['ura'] as string, types: raw['types'] as string[] };
}

/** @throws Problem conflict when the id or the number is taken */
export function insertOrganization(sql: Sql, organization: NewVersion & Registration): Promise<OrganizationRow> {
  return insertResource(sql, ORGANIZATION, organization, [organization.ura, organization.types]);
}

/** The next version; nothing when the id is unknown or `expected` not current. @throws Problem conflict: number taken */
export function updateOrganization(
  sql: Sql,
  organization: NewVersion & Change & Registration & { readonly method: 'update' | 'patch' },
): Promise<OrganizationRow | undefined> {
  return updateResource(sql, ORGANIZATION, organization, [organization.ura, organization.types]);
}

/** The organisations with these numbers that are not deleted, in no order: match them by `ura`. */
export async function findOrganizations(sql: Sql, uras: readonly string[]): Promise<OrganizationRow[]> {
  const { rows } = await sql.query<RawCurrent>(FIND_ORGANIZATIONS, [uras]);
  return rows.map(readOrganizationRow);
}

/** Types with which an organisation was registered at a moment (milliseconds); without a registration then, none. */
export async function findTypesAt(
  sql: Sql,
  asked: readonly { readonly ura: string; readonly at: number }[],
): Promise<{ ura: string; at: number; types: string[] }[]> {
  if (asked.length === 0) return [];
  const values = [asked.map(({ ura }) => ura), asked.map(({ at }) => timestamp(at))];
  return (await sql.query<{ ura: string; at: number; types: string[] }>(FIND_TYPES_AT, values)).rows;
}
