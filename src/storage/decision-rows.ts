import { timestamp } from './clock.ts';
import type { Sql } from './database.ts';

/** One consent that may count, in its compact form. */
interface RuleRow {
  /** The citizen's key, in hexadecimal digits. */
  readonly citizen: string;
  readonly id: string;
  readonly version: string;
  /** Milliseconds by the database's clock. */
  readonly recordedAt: number;
  /** JSON, as it was written. */
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

/** Rows as texts: to take them apart takes a third of the time that the driver needs for as many rows and columns. */
interface RawRows {
  readonly now: number;
  readonly consents: string | null;
  readonly organizations: string | null;
}

/** Between rows: of the control characters that no JSON text holds outside a string, nor inside one. */
const BETWEEN = '\x1e';

// One statement, so one snapshot and one round trip. The clock is read after the snapshot is taken.
const readFrom = (consents: string, organizations: string): string => `
  select (date_part('epoch', date_trunc('milliseconds', clock_timestamp())) * 1000)::int8 as now,
  (
    select string_agg(concat_ws(' ', encode(patient_key, 'hex'), id, version,
      (date_part('epoch', recorded_at) * 1000)::int8, rule), E'${BETWEEN}')
    from ${consents}
  ) as consents,
  (
    select string_agg(concat_ws(' ', ura, array_to_string(types, ' ')), E'${BETWEEN}')
    from ${organizations}
  ) as organizations`;

const READ_FOR_DECISION = readFrom(
  `consent
    where patient_key = any($1::bytea[]) and rule is not null and not deleted and status in ('active', 'proposed')`,
  'organization where ura = any($2::text[]) and not deleted',
);

// $3: the moment whose versions count; $4: until when corrections are known. A consent that was recorded in error never
// stood, so knowing that removes it from the past; any other later change leaves the past as it was.
const READ_FOR_DECISION_AT = readFrom(
  `(
      select distinct on (patient_key, id) patient_key, id, version, recorded_at, method, status, rule
      from consent_history
      where patient_key = any($1::bytea[]) and recorded_at <= $3::timestamptz
      order by patient_key, id, version desc
    ) as v
    where v.rule is not null and v.method <> 'delete' and v.status in ('active', 'proposed')
      and 'entered-in-error' <> (
        select known.status from consent_history as known
        where known.patient_key = v.patient_key and known.id = v.id and known.recorded_at <= $4::timestamptz
        order by known.version desc limit 1)`,
  `(
      select distinct on (id) id, ura, types, method
      from organization_history
      where id in (select id from organization_history where ura = any($2::text[])) and recorded_at <= $3::timestamptz
      order by id, version desc
    ) as o
    where o.method <> 'delete' and o.ura = any($2::text[])`,
);

function readRows([raw]: readonly RawRows[]): DecisionRows {
  if (raw === undefined) throw new Error('the clock gave no row');
  return {
    now: raw.now,
    consents: linesOf(raw.consents).map(readConsent),
    organizations: linesOf(raw.organizations).map((line) => {
      const [ura = '', ...types] = line.split(' ');
      return { ura, types };
    }),
  };
}

function linesOf(text: string | null): string[] {
  return text === null ? [] : text.split(BETWEEN);
}

/** Four words, none of which can hold a space, and then the rule. */
function readConsent(line: string): RuleRow {
  const [citizen = '', id = '', version = '', recordedAt = ''] = line.split(' ', 4);
  const start = citizen.length + id.length + version.length + recordedAt.length + 4;
  return { citizen, id, version, recordedAt: Number(recordedAt), rule: line.slice(start) };
}

/** What counts now, for many citizens and organisations in one round trip. Match by `citizen` and `ura`. */
export async function readForDecision(
  sql: Sql,
  patientKeys: readonly Buffer[],
  uras: readonly string[],
): Promise<DecisionRows> {
  const { rows } = await sql.query<RawRows>(READ_FOR_DECISION, [patientKeys, uras], 'read-for-decision');
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
  const { rows } = await sql.query<RawRows>(READ_FOR_DECISION_AT, values);
  return readRows(rows);
}
