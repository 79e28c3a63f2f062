import type { Sql } from './database.ts';

/** A holder that has registered a citizen as its patient. */
export interface SubscriptionRow {
  readonly patientKey: Buffer;
  readonly holderUra: string;
  readonly active: boolean;
}

interface RawSubscription {
  readonly patient_key: Buffer;
  readonly holder_ura: string;
  readonly active: boolean;
}

const FIND_SUBSCRIPTION = `
  select patient_key, holder_ura, active from subscription where patient_key = $1 and holder_ura = $2 and active`;

const SAVE_SUBSCRIPTION = `
  insert into subscription (patient_key, holder_ura, active, created_at)
  values ($1, $2, $3, date_trunc('milliseconds', clock_timestamp()))
  on conflict (patient_key, holder_ura) do update set active = excluded.active`;

function readSubscriptionRow(raw: RawSubscription): SubscriptionRow {
  return { patientKey: raw.patient_key, holderUra: raw.holder_ura, active: raw.active };
}

/** The active subscription of this holder for this citizen. */
export async function findSubscription(
  sql: Sql,
  patientKey: Buffer,
  holderUra: string,
): Promise<SubscriptionRow | undefined> {
  const { rows } = await sql.query<RawSubscription>(FIND_SUBSCRIPTION, [patientKey, holderUra]);
  return rows.map(readSubscriptionRow)[0];
}

/** Registers, ends or takes up again a subscription. */
export async function saveSubscription(sql: Sql, subscription: SubscriptionRow): Promise<void> {
  await sql.query(SAVE_SUBSCRIPTION, [subscription.patientKey, subscription.holderUra, subscription.active]);
}
