/** Whether a host, as it stands in a URL, is this machine itself: what goes there crosses no network. */
export function isOwnMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Whether a database is on another machine, and nobody said whether its certificate is to be looked at. */
function isExposed(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get('host') ?? hostname;
  const mode = searchParams.get('sslmode') ?? '';
  const isSocket = /^(?:\/|%2f|$)/i.test(host);
  return !isSocket && !isOwnMachine(host) && mode !== 'verify-full' && mode !== 'disable';
}

/** What of these addresses is of a database that is reached in the clear, or whoever it is: one sentence each. */
export function exposedDatabases(databases: {
  readonly databaseUrl?: string;
  readonly databaseOwnerUrl?: string;
}): string[] {
  const named = { DATABASE_URL: databases.databaseUrl, DATABASE_OWNER_URL: databases.databaseOwnerUrl };
  return Object.entries(named).flatMap(([name, url]) =>
    url !== undefined && isExposed(url)
      ? `${name} should say sslmode=verify-full, or sslmode=disable where the network itself is protected`
      : [],
  );
}
