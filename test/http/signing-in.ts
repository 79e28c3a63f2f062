import type { TestServer } from '../setup/test-server.ts';
import { Browser, type Shown } from './browser.ts';

export type Level = 'basis' | 'midden' | 'substantial' | 'high';

/** Signs a citizen in at the sandbox, as a person would. */
export async function signIn(browser: Browser, bsn: string, level: Level = 'substantial'): Promise<Shown> {
  const page = await browser.go('/login');
  return browser.submit(page.url.href, { citizen: bsn, other: bsn, level, do: 'sign-in' });
}

/** A browser in which this citizen is signed in. */
export async function signedIn(server: TestServer, bsn: string): Promise<Browser> {
  const browser = new Browser(server.baseUrl);
  const { status, url } = await signIn(browser, bsn);
  if (status !== 200 || url.pathname !== '/') throw new Error(`signing in ended with ${status} at ${url.pathname}`);
  return browser;
}

/** What `GET /session` says: what there is of a session, or the status. */
export async function sessionOf(browser: Browser): Promise<{ expires: string; assurance: string } | number> {
  const { status, text } = await browser.step('/session');
  return status === 200 ? (JSON.parse(text) as { expires: string; assurance: string }) : status;
}

/** What the log holds about signing in and out: of this citizen, or of nobody who is known. */
export async function logOf(server: TestServer, bsn?: string): Promise<string[]> {
  const { database, vault } = server.server.register;
  const { rows } = await database.query<{ line: string }>(
    `select concat_ws(' ', interaction, outcome, coalesce(detail->>'problem', detail->>'assurance')) as line
    from audit_event where patient_key is not distinct from $1 and interaction like 'Session.%' order by id`,
    [bsn === undefined ? null : vault.keyOf(bsn)],
  );
  return rows.map(({ line }) => line);
}

/** The name of the cookie of a session, where there is no TLS. */
export const COOKIE = 'akkoord-session';

/** The cookie a browser holds now, kept apart as a thief would. */
export function cookieOf(browser: Browser): string {
  return browser.cookies.get(COOKIE)?.value ?? '';
}

/** What an old or foreign cookie opens, as a status. */
export async function whatOpens(server: TestServer, cookie: string): Promise<number> {
  const headers = { Cookie: `${COOKIE}=${cookie}` };
  const { status } = await server.ask('/session', { headers });
  const start = await server.ask<string>('/', { headers });
  expect(start.body.includes('action="/logout"')).toBe(status === 200);
  return status;
}
