import { randomBytes, randomUUID } from 'node:crypto';
import { Browser } from '../http/browser.ts';
import { freshBsn } from '../http/people.ts';
import { COOKIE, cookieOf, logOf, sessionOf, signedIn, signIn, whatOpens } from '../http/signing-in.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

describe('a cookie', () => {
  it.each([
    ['made up', () => randomBytes(32).toString('base64url')],
    ['empty', () => ''],
    ['a UUID', () => randomUUID()],
    ['a long text', () => 'a'.repeat(4000)],
    ['a statement', () => "' or '1'='1"],
    ['a name of every object', () => '__proto__'],
  ])('that is %s opens nothing', async (_title, forged) => {
    expect(await whatOpens(server(), forged())).toBe(401);
  });

  it('of a citizen opens nothing with one letter changed, or twice', async () => {
    const cookie = cookieOf(await signedIn(server(), freshBsn()));
    const changed = `${cookie.startsWith('A') ? 'B' : 'A'}${cookie.slice(1)}`;
    expect([await whatOpens(server(), cookie), await whatOpens(server(), changed)]).toEqual([200, 401]);
    const twice = await server().ask('/session', { headers: { Cookie: `${COOKIE}=${changed}; ${COOKIE}=${cookie}` } });
    expect(twice.status).toBe(401);
  });

  it('of a sign-in that was begun is no session', async () => {
    const browser = new Browser(server().baseUrl);
    await browser.step('/login');
    expect(await whatOpens(server(), browser.cookies.get('akkoord-sign-in')?.value ?? '')).toBe(401);
  });

  it(
    'of another server opens nothing; of another process of the same server it does',
    async () => {
      const [elsewhere, beside] = [await openTestServer(), await openTestServer({ beside: server() })];
      try {
        const bsn = freshBsn();
        const cookie = cookieOf(await signedIn(server(), bsn));
        expect([await whatOpens(elsewhere, cookie), await whatOpens(beside, cookie)]).toEqual([401, 200]);
        expect(await whatOpens(server(), cookieOf(await signedIn(elsewhere, bsn)))).toBe(401);
      } finally {
        await beside.close();
        await elsewhere.close();
      }
    },
    LIMIT_MS,
  );

  it('is not shown to scripts, and not sent along by other sites', async () => {
    const browser = await signedIn(server(), freshBsn());
    const given = browser.seen.filter((line) => line.startsWith('akkoord-'));
    expect(given.length).toBeGreaterThan(2);
    for (const line of given) expect(line).toMatch(/; Path=\/;.*HttpOnly; SameSite=Lax$/);
  });
});

describe('over https', () => {
  const publicUrl = 'https://akkoord.test';
  let secure: TestServer;
  beforeAll(async () => (secure = await openTestServer({ publicUrl })), LIMIT_MS);
  afterAll(() => secure.close(), LIMIT_MS);

  it('cookies are for this host alone, and never sent in clear', async () => {
    const browser = new Browser(publicUrl, secure.baseUrl);
    await signIn(browser, freshBsn());
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'substantial' });
    const ours = browser.seen.filter((line) => /^[^:;]*akkoord-/.test(line));
    expect(ours.length).toBeGreaterThan(2);
    for (const line of ours)
      expect(line).toMatch(/^__Host-akkoord-[^;]+; (?!.*Domain).*Path=\/;.*HttpOnly; Secure; SameSite=Lax$/);
  });

  it('the name without its protection opens nothing', async () => {
    const browser = new Browser(publicUrl, secure.baseUrl);
    await signIn(browser, freshBsn());
    const cookie = browser.cookies.get('__Host-akkoord-session')?.value ?? '';
    const opens = async (name: string) =>
      (await secure.ask('/session', { headers: { Cookie: `${name}=${cookie}` } })).status;
    expect([await opens('__Host-akkoord-session'), await opens('akkoord-session')]).toEqual([200, 401]);
  });
});

describe('a sign-out', () => {
  const origin = () => server().baseUrl;
  it.each<[string, () => Record<string, string>]>([
    ['by another site', () => ({ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' })],
    ['by another host of the same site', () => ({ 'Sec-Fetch-Site': 'same-site' })],
    ['by another site that claims our origin', () => ({ 'Sec-Fetch-Site': 'cross-site', Origin: origin() })],
    ['by an older browser, from elsewhere', () => ({ Origin: 'https://evil.example' })],
    ['by an older browser, from nowhere it says', () => ({ Origin: 'null' })],
    ['by who says nothing', () => ({})],
  ])('asked for %s is refused, and one stays signed in', async (_title, headers) => {
    const browser = await signedIn(server(), freshBsn());
    expect((await browser.step('/logout', { method: 'POST', headers: headers() })).status).toBe(403);
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'substantial' });
    expect((await logOf(server())).at(-1)).toBe('Session.delete 4 cross-site-request');
  });

  it.each<[string, () => Record<string, string>]>([
    ['by a page of ours', () => ({ 'Sec-Fetch-Site': 'same-origin' })],
    ['by a page of ours in an older browser', () => ({ Origin: origin() })],
  ])('asked for %s is done', async (_title, headers) => {
    const browser = await signedIn(server(), freshBsn());
    expect((await browser.step('/logout', { method: 'POST', headers: headers() })).status).toBe(303);
    expect(await sessionOf(browser)).toBe(401);
  });

  it('is not a matter of following a link', async () => {
    const browser = await signedIn(server(), freshBsn());
    expect((await browser.step('/logout')).status).toBe(404);
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'substantial' });
  });

  it('of nobody is said to be so, and recorded', async () => {
    const browser = new Browser(server().baseUrl);
    const { status, text } = await browser.submit('/logout', {});
    expect([status, text.includes('role="alert"')]).toEqual([401, true]);
    expect((await logOf(server())).at(-1)).toBe('Session.delete 4 not-signed-in');
  });
});
