-- The server works with a login that may add to the log and read it, and nothing more: the log belongs to whoever migrates.

-- Makes the partitions of the log for today and the next days (UTC), with the rights of the log's owner, and returns those it
-- made. A day of which the default partition holds rows already stays there: PostgreSQL would refuse the partition, and nothing
-- is wrong with the rows where they are. Every name is written out, so that nobody can put another in its place.
create function make_audit_days(days_ahead integer) returns setof text
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  day date;
  name text;
begin
  if days_ahead is null or days_ahead not between 0 and 31 then
    raise exception 'at most 31 days ahead';
  end if;
  perform pg_advisory_xact_lock(4205118864);
  for ahead in 0 .. days_ahead loop
    day := (clock_timestamp() at time zone 'UTC')::date + ahead;
    name := to_char(day, 'YYYYMMDD');
    continue when to_regclass('public.audit_event_' || name) is not null or exists (
      select from public.audit_event_default
      where recorded_at >= day::timestamp at time zone 'UTC' and recorded_at < (day + 1)::timestamp at time zone 'UTC');
    execute format(
      'create table public.audit_event_%s partition of public.audit_event for values from (%L) to (%L)',
      name, to_char(day, 'YYYY-MM-DD"T00:00Z"'), to_char(day + 1, 'YYYY-MM-DD"T00:00Z"'));
    return next name;
  end loop;
end $$;
revoke execute on function make_audit_days(integer) from public;
