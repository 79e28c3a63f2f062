import type { Sql } from './database.ts';

/** A Consent of one citizen that an organisation migrated. */
export interface MigratedConsent {
  readonly patientKey: Buffer;
  readonly consentId: string;
  /** The version that migration wrote last. */
  readonly version: number;
  /** Requester places that were taken back of what was migrated, as in a rule. */
  readonly takenBack: readonly string[];
}

/** The same with what has become of it. */
export interface FoundMigration extends MigratedConsent {
  /** The rule as migration wrote it last. */
  readonly saidRule: unknown;
  /** The version that stands and its rule; a Consent that was withdrawn or rejected has a version only, one that was deleted nothing. */
  readonly standing?: { readonly version: number; readonly rule: unknown };
}

interface RawMigration {
  readonly patient_key: Buffer;
  readonly consent_id: string;
  readonly version: number;
  readonly taken_back: string[];
  readonly said: unknown;
  readonly standing_version: number | null;
  readonly standing_rule: unknown;
}

const FIND_MIGRATIONS = `
  select m.patient_key, m.consent_id, m.version, m.taken_back, h.rule as said, t.version as standing_version,
    t.rule as standing_rule
  from migrated_consent as m
  join consent_history as h on h.patient_key = m.patient_key and h.id = m.consent_id and h.version = m.version
  left join consent as t on t.patient_key = m.patient_key and t.id = m.consent_id and not t.deleted
  where m.patient_key = any($1::bytea[]) and m.holder = $2
  order by h.recorded_at, m.consent_id`;

// Lists in a list would have to be of one length, so the places travel as JSON.
const SAVE_MIGRATIONS = `
  insert into migrated_consent (patient_key, holder, consent_id, version, taken_back)
  select patient_key, $2, consent_id, version, array(select jsonb_array_elements_text(taken_back))
  from unnest($1::bytea[], $3::text[], $4::integer[], $5::jsonb[]) as m (patient_key, consent_id, version, taken_back)
  on conflict (patient_key, holder, consent_id) do update
  set version = excluded.version, taken_back = excluded.taken_back`;

function readMigration(raw: RawMigration): FoundMigration {
  const { standing_version: version, standing_rule: rule } = raw;
  return {
    patientKey: raw.patient_key,
    consentId: raw.consent_id,
    version: raw.version,
    takenBack: raw.taken_back,
    saidRule: raw.said,
    ...(version === null ? {} : { standing: { version, rule } }),
  };
}

/** What this organisation migrated of these citizens, the Consent that migration wrote last as the last one. */
export async function findMigrations(
  sql: Sql,
  patientKeys: readonly Buffer[],
  holder: string,
): Promise<FoundMigration[]> {
  const { rows } = await sql.query<RawMigration & Record<string, unknown>>(FIND_MIGRATIONS, [patientKeys, holder]);
  return rows.map(readMigration);
}

/** Remembers that this organisation's migration wrote these versions. Hold the citizens' locks; each Consent once. */
export async function saveMigrations(sql: Sql, holder: string, migrations: readonly MigratedConsent[]): Promise<void> {
  await sql.query(SAVE_MIGRATIONS, [
    migrations.map(({ patientKey }) => patientKey),
    holder,
    migrations.map(({ consentId }) => consentId),
    migrations.map(({ version }) => version),
    migrations.map(({ takenBack }) => JSON.stringify(takenBack)),
  ]);
}
