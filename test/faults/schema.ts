import type { OwnPostgres } from './own-postgres.ts';

// Without the days of the log, which depend on when a server has started.
const SCHEMA = `
  with ours as (
    select oid, relname, relkind, relacl from pg_class
    where relnamespace = 'public'::regnamespace and not relispartition)
  select concat_ws(' ', 'relation', relname, relkind, relacl) as line from ours
  union all select concat_ws(' ', 'column', relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
      pg_get_expr(adbin, adrelid))
    from ours join pg_attribute on attrelid = ours.oid left join pg_attrdef on adrelid = ours.oid and adnum = attnum
    where attnum > 0 and not attisdropped
  union all select concat_ws(' ', 'index', pg_get_indexdef(oid)) from ours where relkind in ('i', 'I')
  union all select concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(pg_constraint.oid))
    from ours join pg_constraint on conrelid = ours.oid
  union all select concat_ws(' ', 'trigger', pg_get_triggerdef(pg_trigger.oid))
    from ours join pg_trigger on tgrelid = ours.oid where not tgisinternal
  union all select concat_ws(' ', 'function', pg_get_functiondef(oid), proacl) from pg_proc
    where pronamespace = 'public'::regnamespace
  union all select concat_ws(' ', 'migration', name) from migration
  order by line`;

/** All that migrations make of a database, a line each, and their names. */
export async function schemaOf(postgres: OwnPostgres, database: string): Promise<string[]> {
  const rows = await postgres.query<{ line: string }>(SCHEMA, [], database);
  return rows.map(({ line }) => line);
}
