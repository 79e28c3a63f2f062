import type { Sql } from './database.ts';

const USE_ID = `
  insert into used_id (issuer, digest, expires_at)
  values ($1, $2, clock_timestamp() + make_interval(secs => $3)) on conflict do nothing`;

const DELETE_EXPIRED = 'delete from used_id where expires_at <= clock_timestamp()';

/**
 * Marks the id of an assertion or a proof as used. One statement, so that of two at the same moment one is first.
 * @param digest SHA-256 of the id
 * @param lifetime how long it is remembered, in seconds: as long as it could be used again
 * @returns false when it was used before
 */
export async function useId(
  sql: Sql,
  { issuer, digest, lifetime }: { readonly issuer: string; readonly digest: Buffer; readonly lifetime: number },
): Promise<boolean> {
  return (await sql.query(USE_ID, [issuer, digest, lifetime])).rowCount === 1;
}

export async function deleteExpiredIds(sql: Sql): Promise<void> {
  await sql.query(DELETE_EXPIRED);
}
