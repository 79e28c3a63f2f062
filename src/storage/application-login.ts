import pg from 'pg';

/** The account of the embedded database that the server works with: it owns nothing. */
export const APPLICATION_USER = 'akkoord_application';

const LOGIN = `
  select format('%s role %I login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls password %L',
    case when exists (select from pg_roles where rolname = $1::text) then 'alter' else 'create' end,
    $1::text, $2::text) as statement`;

/** Makes the application's account on the embedded database, or gives it the password it has to have. */
export async function ensureApplicationLogin(ownerUrl: string, password: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: 'akkoord-start' });
  await owner.connect();
  try {
    const { rows } = await owner.query<{ statement: string }>(LOGIN, [APPLICATION_USER, password]);
    for (const { statement } of rows) await owner.query(statement);
  } finally {
    await owner.end();
  }
}
