import type { Sql } from './database.ts';

/** What a recording was answered, for those who ask for it again. */
export interface KeptAnswer {
  /** Keyed hash, 32 bytes, of who asked and the name they gave it. */
  readonly name: Buffer;
  /** Keyed hash, 32 bytes, of what was asked. */
  readonly content: Buffer;
  /** Sealed. */
  readonly answer: string;
  /** The citizens it is about, or whose it is. */
  readonly patientKeys: readonly Buffer[];
}

// Nobody waits: whoever comes second hears so and asks again.
const CLAIM = `select pg_try_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 13)) as free`;

const IS_FRESH = `kept_at > now() - interval '24 hours'`;

const FIND = `select content, answer from kept_answer where name = $1 and ${IS_FRESH}`;

const KEEP = `
  insert into kept_answer (name, content, answer, patient_keys, kept_at) values ($1, $2, $3, $4, clock_timestamp())
  on conflict (name) do update set content = excluded.content, answer = excluded.answer,
    patient_keys = excluded.patient_keys, kept_at = excluded.kept_at`;

const DELETE_EXPIRED = `delete from kept_answer where not ${IS_FRESH}`;

/** Takes a name until the transaction ends. @returns whether it was free */
export async function claimName(sql: Sql, name: Buffer): Promise<boolean> {
  const { rows } = await sql.query<{ free: boolean }>(CLAIM, [name]);
  return rows[0]?.free ?? false;
}

/** What was kept under a name in the last 24 hours. */
export async function findKeptAnswer(
  sql: Sql,
  name: Buffer,
): Promise<Pick<KeptAnswer, 'content' | 'answer'> | undefined> {
  const { rows } = await sql.query<Pick<KeptAnswer, 'content' | 'answer'>>(FIND, [name]);
  return rows[0];
}

/** Keeps an answer, in the place of one that has expired. Have the name claimed. */
export async function keepAnswer(sql: Sql, { name, content, answer, patientKeys }: KeptAnswer): Promise<void> {
  await sql.query(KEEP, [name, content, answer, patientKeys]);
}

/** Deletes what nobody is answered with any more. */
export async function deleteExpiredAnswers(sql: Sql): Promise<void> {
  await sql.query(DELETE_EXPIRED);
}
