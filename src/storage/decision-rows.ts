import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** One consent that may count, in its compact form. */
interface RuleRow {
  readonly patientKey: Buffer;
  readonly id: string;
  readonly version: number;
  readonly recordedAt: number;
  /** JSON, in the one spelling the database has for it. */
  readonly rule: string;
}

/** Everything decisions about these citizens and organisations need, of one moment. */
export interface DecisionRows {
  /** The database's clock at the reading, milliseconds; not before any row read. */
  readonly now: number;
  readonly consents: readonly RuleRow[];
  /** The registered ones; one that is missing is not registered. */
  readonly organizations: readonly { readonly ura: string; readonly types: readonly string[] }[];
}

interface RawRow {
  readonly kind: 'now' | 'consent' | 'organization';
  readonly instant: number;
  readonly patient_key: Buffer;
  readonly id: string;
  readonly version: number;
  readonly rule: string;
  readonly types: string[];
}

// One statement, so one snapshot and one round trip. The clock is read after the snapshot is taken.
const READ_FOR_DECISION = `
  select 'consent' as kind, recorded_at as instant, patient_key, id, version, rule::text, null::text[] as types
  from consent
  where patient_key = any($1::bytea[]) and rule is not null and not deleted and status in ('active', 'proposed')
  union all
  select 'organization', null, null, ura, null, null, types
  from organization
  where ura = any($2::text[]) and not deleted
  union all
  select 'now', date_trunc('milliseconds', clock_timestamp()), null, null, null, null, null`;

// $3: the moment whose versions count; $4: until when corrections are known. A consent that was recorded in error never
// stood, so knowing that removes it from the past; any other later change leaves the past as it was.
const READ_FOR_DECISION_AT = `
  select 'consent' as kind, v.recorded_at as instant, v.patient_key, v.id, v.version, v.rule::text, null::text[] as types
  from (
    select distinct on (patient_key, id) patient_key, id, version, recorded_at, method, status, rule
    from consent_history
    where patient_key = any($1::bytea[]) and recorded_at <= $3::timestamptz
    order by patient_key, id, version desc
  ) as v
  where v.rule is not null and v.method <> 'delete' and v.status in ('active', 'proposed')
    and 'entered-in-error' <> (
      select known.status from consent_history as known
      where known.patient_key = v.patient_key and known.id = v.id and known.recorded_at <= $4::timestamptz
      order by known.version desc limit 1)
  union all
  select 'organization', null, null, o.ura, null, null, o.types
  from (
    select distinct on (id) id, ura, types, method
    from organization_history
    where id in (select id from organization_history where ura = any($2::text[])) and recorded_at <= $3::timestamptz
    order by id, version desc
  ) as o
  where o.method <> 'delete' and o.ura = any($2::text[])
  union all
  select 'now', date_trunc('milliseconds', clock_timestamp()), null, null, null, null, null`;

function readRows(rows: readonly RawRow[]): DecisionRows {
  const now = rows.find(({ kind }) => kind === 'now')?.instant;
  if (now === undefined) throw new Error('the clock gave no row');
  const consents = rows
    .filter(({ kind }) => kind === 'consent')
    .map((row) => ({
      patientKey: row.patient_key,
      id: row.id,
      version: row.version,
      recordedAt: row.instant,
      rule: row.rule,
    }));
  const organizations = rows
    .filter(({ kind }) => kind === 'organization')
    .map(({ id: ura, types }) => ({ ura, types }));
  return { now, consents, organizations };
}

/** What counts now, for many citizens and organisations in one round trip. Match by `patientKey` and `ura`. */
export async function readForDecision(
  sql: Sql,
  patientKeys: readonly Buffer[],
  uras: readonly string[],
): Promise<DecisionRows> {
  const { rows } = await sql.query<RawRow>(READ_FOR_DECISION, [patientKeys, uras], 'read-for-decision');
  return readRows(rows);
}

/**
 * What counted at `versionsAt`, as known at `knownAt` (both milliseconds, `versionsAt` not after `knownAt`): of each
 * consent the version then current, without those that were by `knownAt` known to be recorded in error; of each
 * organisation the registration then current.
 */
export async function readForDecisionAt(
  sql: Sql,
  patientKeys: readonly Buffer[],
  uras: readonly string[],
  moment: { readonly versionsAt: number; readonly knownAt: number },
): Promise<DecisionRows> {
  const values = [patientKeys, uras, timestamp(moment.versionsAt), timestamp(moment.knownAt)];
  const { rows } = await sql.query<RawRow>(READ_FOR_DECISION_AT, values);
  return readRows(rows);
}
