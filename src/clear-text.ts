/** Whether a host, as it stands in a URL, is this machine itself: what goes there crosses no network. */
export function isOwnMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Whether a database is on another machine, and nobody said whether its certificate is to be looked at. */
function isExposed(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get('host') ?? hostname;
  const mode = searchParams.get('sslmode') ?? '';
  return !host.startsWith('/') && !isOwnMachine(host) && mode !== 'verify-full' && mode !== 'disable';
}

/**
 * What would cross a network in the clear, or reach whoever answers, without anybody having said so: one sentence each.
 * Addresses that cannot be read are not looked at.
 */
export function clearText(
  baseUrl: string | undefined,
  databases: { readonly databaseUrl?: string; readonly databaseOwnerUrl?: string },
): string[] {
  const isPublic = baseUrl?.startsWith('http:') === true && !isOwnMachine(new URL(baseUrl).hostname);
  const named = { DATABASE_URL: databases.databaseUrl, DATABASE_OWNER_URL: databases.databaseOwnerUrl };
  return [
    ...(isPublic ? ['BASE_URL must begin with https.'] : []),
    ...Object.entries(named).flatMap(([name, url]) =>
      url !== undefined && URL.canParse(url) && isExposed(url)
        ? `${name} must say sslmode=verify-full, or sslmode=disable where the network itself is protected.`
        : [],
    ),
  ];
}
