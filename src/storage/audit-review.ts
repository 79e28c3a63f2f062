import type { Sql } from './database.ts';

/** Days in the Netherlands, both included: `2026-11-22`. */
export interface ReviewPeriod {
  readonly from: string;
  readonly to: string;
}

/** From which number on something deserves a second look. */
export interface ReviewThresholds {
  /** Checks of one organisation at odd hours. */
  readonly oddChecks: number;
  /** The hour at which odd hours begin, and the hour at which they end. */
  readonly oddFrom: number;
  readonly oddTo: number;
  /** Citizens asked about for one professional on one day. */
  readonly citizens: number;
  /** Checks about one citizen within `burstMinutes`. */
  readonly burst: number;
  readonly burstMinutes: number;
  /** Attempts of one organisation against citizen locks. */
  readonly lockAttempts: number;
  /** Refused pairing codes of one account. */
  readonly codes: number;
}

/** One thing the log shows about an organisation, a professional or a citizen. */
export interface ReviewRow {
  readonly organisation: string | null;
  /** UZI number. */
  readonly professional: string | null;
  readonly patientKey: Buffer | null;
  readonly first: number;
  readonly last: number;
  /** How often. */
  readonly count: number;
  /** How many different citizens. */
  readonly citizens: number;
  /** Of `count`, those that were flagged when they were recorded. */
  readonly flagged: number;
  /** The latest of the events. */
  readonly event: string;
}

// `day` and `hour` are those of the Netherlands, summer time included.
const EVENTS = `
  with events as (
    select id, recorded_at, patient_key, interaction, outcome, detail,
      detail ->> 'ura' as caller, detail #>> '{check,requester,ura}' as requester,
      detail #>> '{check,professional}' as professional,
      (recorded_at at time zone 'Europe/Amsterdam')::date as day,
      extract(hour from recorded_at at time zone 'Europe/Amsterdam') as hour
    from audit_event
    where recorded_at >= $1::date::timestamp at time zone 'Europe/Amsterdam'
      and recorded_at < ($2::date + 1)::timestamp at time zone 'Europe/Amsterdam')`;

const FIGURES = `
  min(recorded_at) as first, max(recorded_at) as last, count(*) as count, count(distinct patient_key) as citizens,
  count(*) filter (where detail ? 'flagged') as flagged, (array_agg(id order by recorded_at desc, id desc))[1] as event`;

const NOBODY = 'null::text as professional, null::bytea as "patientKey"';

const EMERGENCY_GRANTS = `${EVENTS}
  select caller as organisation, ${NOBODY}, ${FIGURES}
  from events where interaction = 'Consent.grant-emergency' and outcome = '0' and not detail ? 'replayed' group by caller`;

const ODD_HOURS = `${EVENTS}
  select coalesce(requester, caller) as organisation, ${NOBODY}, ${FIGURES}
  from events
  where interaction = 'Consent.check' and case when $3::integer <= $4::integer
    then hour >= $3 and hour < $4 else hour >= $3 or hour < $4 end
  group by coalesce(requester, caller) having count(*) >= $5::integer`;

const MANY_CITIZENS = `${EVENTS}
  select coalesce(requester, caller) as organisation, professional, null::bytea as "patientKey", ${FIGURES}
  from events where interaction = 'Consent.check' and professional is not null
  group by coalesce(requester, caller), professional, day having count(distinct patient_key) >= $3::integer`;

// Every event of which the one so many places before was recent belongs to a burst.
const BURSTS = `${EVENTS}, spaced as (
    select *, recorded_at - lag(recorded_at, $3::integer - 1) over (partition by patient_key order by recorded_at, id) as span
    from events where interaction = 'Consent.check' and patient_key is not null),
  bursts as (
    select patient_key, day, min(recorded_at - span) as begun, max(recorded_at) as ended
    from spaced where span <= $4::integer * interval '1 minute' group by patient_key, day)
  select case when count(distinct coalesce(requester, caller)) = 1 then min(coalesce(requester, caller)) end as organisation,
    null::text as professional, patient_key as "patientKey", ${FIGURES}
  from bursts join spaced using (patient_key, day)
  where recorded_at between begun and ended group by patient_key, day`;

const LOCK_ATTEMPTS = `${EVENTS}
  select caller as organisation, ${NOBODY}, ${FIGURES}
  from events where detail ->> 'problem' = 'locked-by-citizen' group by caller having count(*) >= $3::integer`;

const PAIRING_CODES = `${EVENTS}
  select null::text as organisation, null::text as professional, patient_key as "patientKey", ${FIGURES}
  from events where detail @> '{"tried": true}' or detail @> '{"flagged": "pairing-code-ended"}'
  group by patient_key having count(*) >= $3::integer or count(*) filter (where detail ? 'flagged') > 0`;

/** What a review looks for. */
export type ReviewTopic =
  'emergency-grants' | 'odd-hours' | 'many-citizens' | 'burst' | 'lock-attempts' | 'pairing-codes';

const STATEMENTS: readonly (readonly [ReviewTopic, string, (given: ReviewThresholds) => readonly number[]])[] = [
  ['emergency-grants', EMERGENCY_GRANTS, () => []],
  ['odd-hours', ODD_HOURS, ({ oddFrom, oddTo, oddChecks }) => [oddFrom, oddTo, oddChecks]],
  ['many-citizens', MANY_CITIZENS, ({ citizens }) => [citizens]],
  ['burst', BURSTS, ({ burst, burstMinutes }) => [burst, burstMinutes]],
  ['lock-attempts', LOCK_ATTEMPTS, ({ lockAttempts }) => [lockAttempts]],
  ['pairing-codes', PAIRING_CODES, ({ codes }) => [codes]],
];

/** Everything in the log of these days that is over a threshold, topic by topic, the most first. */
export async function reviewLog(
  sql: Sql,
  { from, to }: ReviewPeriod,
  thresholds: ReviewThresholds,
): Promise<(readonly [ReviewTopic, ReviewRow])[]> {
  const found: (readonly [ReviewTopic, ReviewRow])[] = [];
  for (const [topic, statement, bindings] of STATEMENTS) {
    const text = `${statement} order by count desc, first`;
    const { rows } = await sql.query<ReviewRow & Record<string, unknown>>(text, [from, to, ...bindings(thresholds)]);
    found.push(...rows.map((row) => [topic, row] as const));
  }
  return found;
}
