import type { Sql } from './database.ts';

/** A holder that has registered a citizen as its patient. */
export interface SubscriptionRow {
  readonly patientKey: Buffer;
  readonly holderUra: string;
  readonly active: boolean;
}

const SAVE_SUBSCRIPTION = `
  insert into subscription (patient_key, holder_ura, active, created_at)
  values ($1, $2, $3, date_trunc('milliseconds', clock_timestamp()))
  on conflict (patient_key, holder_ura) do update set active = excluded.active`;

/** Registers, ends or takes up again a subscription. */
export async function saveSubscription(sql: Sql, subscription: SubscriptionRow): Promise<void> {
  await sql.query(SAVE_SUBSCRIPTION, [subscription.patientKey, subscription.holderUra, subscription.active]);
}
