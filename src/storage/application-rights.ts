import type pg from 'pg';
import type { Sql } from './database.ts';

const SCHEMA_TABLES = `
  select oid, relname, relispartition from pg_class
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`;

// The application's login is named by the server it was asked from, and quoted by the one it is used on. A partition is
// reached through the log only; what a citizen leaves behind in provenance may be erased, the rest of it stays as it is.
const RIGHTS = `
  with tables as (${SCHEMA_TABLES}), rights as (
    select relname, case
        when relispartition then null
        when relname = 'migration' then 'select'
        when relname = 'audit_event' then 'select, insert'
        when relname = 'provenance' then 'select, insert, delete, update (recorder_key)'
        else 'select, insert, update, delete'
      end as may
    from tables)
  select 1 as step, format('grant usage on schema %I to %I', current_schema(), $1::text) as statement
  union all select 2, format('revoke all on %I from %I', relname, $1::text) from rights
  union all select 3, format('grant %s on %I to %I', may, relname, $1::text) from rights where may is not null
  union all select 4, format('grant execute on function make_audit_days(integer) to %I', $1::text)
  order by step`;

// Whoever may become a role has its rights. Some of the roles that every server has lead to the machine, and from there to
// everything; the owner of a table's schema may drop it; a trigger may throw away what is added.
const MAY_CHANGE_LOG = `
  with log as (
    select oid, relowner, relnamespace from pg_class
    where oid = 'audit_event'::regclass
      or oid in (select inhrelid from pg_inherits where inhparent = 'audit_event'::regclass))
  select exists (
    select from pg_roles as role
    where pg_has_role(session_user, role.oid, 'member') and (
      role.rolsuper or role.rolcreaterole
      or role.rolname in ('pg_write_server_files', 'pg_execute_server_program')
      or exists (select from pg_namespace where oid in (select relnamespace from log) and nspowner = role.oid)
      or exists (
        select from log
        where relowner = role.oid or has_any_column_privilege(role.oid, log.oid, 'update')
          or has_table_privilege(role.oid, log.oid, 'delete, truncate, trigger')))) as may`;

/**
 * Gives the application's login what it needs: all rows of every table, of the log only to read and to add. To be run by the
 * owner after migrating, in a transaction, one server at a time.
 */
export async function grantApplication(owner: pg.ClientBase, login: string): Promise<void> {
  const { rows } = await owner.query<{ statement: string }>(RIGHTS, [login]);
  for (const { statement } of rows) await owner.query(statement);
}

/** Whether the login of this connection could change or remove what stands in the log, by itself or as a role it may take. */
export async function mayChangeLog(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ may: boolean }>(MAY_CHANGE_LOG);
  return rows[0]?.may ?? true;
}
