import type { Sql } from './database.ts';

/**
 * Every table that holds something of a citizen, and how it leaves: the one list. What comes first may need what comes
 * later. Not in it: the log, which stays under the pseudonym, and the subscriptions, which are the holders' own.
 */
const FORGET: readonly string[] = [
  `delete from patient_history where id in (select id from patient where patient_key = $1)`,
  `delete from patient where patient_key = $1`,
  `delete from consent_history where patient_key = $1`,
  `delete from consent where patient_key = $1`,
  `delete from provenance where patient_key = $1`,
  `delete from migrated_consent where patient_key = $1`,
  `delete from citizen where patient_key = $1`,
  `delete from pairing_code where patient_key = $1`,
  `delete from family where child_key = $1 or parent_key = $1`,
  `delete from mail where patient_key = $1`,
  `delete from mail_address where patient_key = $1`,
];

/** Rows of others that stay, without what they hold of the citizen. */
const ERASE: readonly string[] = [
  `update notification_event set profile = null where patient_key = $1`,
  // What a parent recorded for a child.
  `update provenance set recorder_key = null where recorder_key = $1 and recorder_key <> patient_key`,
];

/** What is no account, and goes with it: who is signed in is so no longer, and no request is answered again. */
const GO_TOO: readonly string[] = [
  `delete from session where patient_key = $1`,
  `delete from kept_answer where patient_keys @> array[$1]::bytea[]`,
];

/**
 * Deletes what is stored about a citizen, history included. Hold the citizen's lock.
 * @returns whether there was an account
 */
export async function deleteCitizen(sql: Sql, patientKey: Buffer): Promise<boolean> {
  let deleted = 0;
  for (const statement of FORGET) deleted += (await sql.query(statement, [patientKey])).rowCount;
  for (const statement of [...GO_TOO, ...ERASE]) await sql.query(statement, [patientKey]);
  return deleted > 0;
}
