import { randomBytes, randomUUID } from 'node:crypto';
import { Browser, type Shown } from '../http/browser.ts';
import { findEverywhere } from '../http/every-column.ts';
import { freshBsn } from '../http/people.ts';
import { logOf, sessionOf, signedIn, signIn } from '../http/signing-in.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';

const server = useTestServer();
const COOKIE = 'akkoord-session';

/** The cookie a browser holds now, kept apart as a thief would. */
function cookieOf(browser: Browser): string {
  return browser.cookies.get(COOKIE)?.value ?? '';
}

/** What an old or foreign cookie opens. */
async function whatOpens(cookie: string, at = server()): Promise<number> {
  const { status } = await at.ask('/session', { headers: { Cookie: `${COOKIE}=${cookie}` } });
  const start = await at.ask<string>('/', { headers: { Cookie: `${COOKIE}=${cookie}` } });
  expect(start.body.includes('action="/logout"')).toBe(status === 200);
  return status;
}

/** Lets time pass for a citizen's session: it was begun and used so many seconds ago. */
async function age(bsn: string, { begun = 0, used = 0 }: { readonly begun?: number; readonly used?: number }) {
  const { database, vault } = server().server.register;
  await database.query(
    `update session set created_at = clock_timestamp() - $2 * interval '1 second',
      last_used_at = clock_timestamp() - $3 * interval '1 second' where patient_key = $1`,
    [vault.keyOf(bsn), Math.max(begun, used), used],
  );
}

function deleteAccount(bsn: string) {
  const body = { resourceType: 'Parameters' };
  return server().fhir('/Patient/$delete-account', { as: `citizen:${bsn}`, body });
}

describe('a session', () => {
  it('ends at logout, and what was its cookie opens nothing', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    const cookie = cookieOf(browser);
    expect(await whatOpens(cookie)).toBe(200);
    const { status, url } = await browser.submit('/logout', {});
    expect([status, url.pathname, cookieOf(browser)]).toEqual([200, '/', '']);
    expect(await whatOpens(cookie)).toBe(401);
    expect(await logOf(server(), bsn)).toEqual(['Session.create 0 substantial', 'Session.delete 0']);
  });

  it('ends when the citizen signs in again, there or in another browser', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    const first = cookieOf(browser);
    await signIn(browser, bsn, 'high');
    const second = cookieOf(browser);
    expect(second).not.toBe(first);
    expect([await whatOpens(first), await whatOpens(second)]).toEqual([401, 200]);
    const third = cookieOf(await signedIn(server(), bsn));
    expect([await whatOpens(second), await whatOpens(third)]).toEqual([401, 200]);
  });

  it('ends when somebody else signs in in the same browser', async () => {
    const [first, second] = [freshBsn(), freshBsn()];
    const browser = await signedIn(server(), first);
    const cookie = cookieOf(browser);
    await signIn(browser, second);
    expect([await whatOpens(cookie), await whatOpens(cookieOf(browser))]).toEqual([401, 200]);
    expect(await logOf(server(), first)).toEqual(['Session.create 0 substantial', 'Session.delete 0']);
  });

  it('goes on when a sign-in in the same browser is refused', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    expect((await signIn(browser, bsn, 'basis')).status).toBe(403);
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'substantial' });
  });

  it('ends with the account, and one can sign in anew', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    const cookie = cookieOf(browser);
    expect((await deleteAccount(freshBsn())).status).toBe(200);
    expect(await whatOpens(cookie)).toBe(200);
    expect((await deleteAccount(bsn)).status).toBe(200);
    expect(await whatOpens(cookie)).toBe(401);
    expect(await whatOpens(cookieOf(await signedIn(server(), bsn)))).toBe(200);
  });

  it.each([
    ['14:59 idle', { used: 899 }, 200],
    ['15:00 idle', { used: 900 }, 401],
    ['15:01 idle', { used: 901 }, 401],
    ['two hours less a second old', { begun: 7199 }, 200],
    ['two hours old, and used just now', { begun: 7200 }, 401],
  ])('%s: %j → %i', async (_title, ages, status) => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    await age(bsn, ages);
    expect(await whatOpens(cookieOf(browser))).toBe(status);
    expect((await browser.submit('/logout', {})).status).toBe(status);
  });

  it('lasts longer for being used, not for being looked at, and never more than two hours', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    const left = async () => {
      const session = await sessionOf(browser);
      return typeof session === 'number' ? 0 : Math.round((Date.parse(session.expires) - Date.now()) / 60_000);
    };
    await age(bsn, { used: 600 });
    expect([await left(), await left()]).toEqual([5, 5]);
    await browser.go('/');
    expect(await left()).toBe(15);
    await age(bsn, { begun: 6900 });
    await browser.go('/');
    expect(await left()).toBe(5);
  });

  it('that has ended by itself is swept away by a later sign-in', async () => {
    const { database, vault } = server().server.register;
    const [gone, alive] = [freshBsn(), freshBsn()];
    await signedIn(server(), gone);
    await signedIn(server(), alive);
    await age(gone, { used: 901 });
    await signedIn(server(), freshBsn());
    const { rows } = await database.query<{ key: Buffer }>(
      'select patient_key as key from session where patient_key = any($1)',
      [[vault.keyOf(gone), vault.keyOf(alive)]],
    );
    expect(rows.map(({ key }) => key.equals(vault.keyOf(alive)))).toEqual([true]);
  });

  it('is in no table as its cookie', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    const traces = { cookie: cookieOf(browser), decoded: Buffer.from(cookieOf(browser), 'base64url'), bsn };
    expect(await findEverywhere(server(), traces)).toEqual([]);
    const pseudonym = server().server.register.vault.keyOf(bsn);
    expect(await findEverywhere(server(), { pseudonym })).toContain('session.patient_key: pseudonym');
  });

  it('is not what an access token is: it opens nothing below /fhir', async () => {
    const browser = await signedIn(server(), freshBsn());
    const as = (headers: Record<string, string>) => server().fhir('/Patient', { headers });
    expect((await as({ Cookie: `${COOKIE}=${cookieOf(browser)}` })).status).toBe(401);
    expect((await as({ Authorization: `Bearer ${cookieOf(browser)}` })).status).toBe(401);
  });
});

describe('a cookie', () => {
  it.each([
    ['made up', () => randomBytes(32).toString('base64url')],
    ['empty', () => ''],
    ['a UUID', () => randomUUID()],
    ['a long text', () => 'a'.repeat(4000)],
    ['a statement', () => "' or '1'='1"],
    ['a name of every object', () => '__proto__'],
  ])('that is %s opens nothing', async (_title, forged) => {
    expect(await whatOpens(forged())).toBe(401);
  });

  it('of a citizen opens nothing with one letter changed, or twice', async () => {
    const cookie = cookieOf(await signedIn(server(), freshBsn()));
    const changed = `${cookie.startsWith('A') ? 'B' : 'A'}${cookie.slice(1)}`;
    expect([await whatOpens(cookie), await whatOpens(changed)]).toEqual([200, 401]);
    const twice = await server().ask('/session', { headers: { Cookie: `${COOKIE}=${changed}; ${COOKIE}=${cookie}` } });
    expect(twice.status).toBe(401);
  });

  it('of a sign-in that was begun is no session', async () => {
    const browser = new Browser(server().baseUrl);
    await browser.step('/login');
    expect(await whatOpens(browser.cookies.get('akkoord-sign-in')?.value ?? '')).toBe(401);
  });

  it(
    'of another server opens nothing; of another process of the same server it does',
    async () => {
      const [elsewhere, beside] = [await openTestServer(), await openTestServer({ beside: server() })];
      try {
        const bsn = freshBsn();
        const cookie = cookieOf(await signedIn(server(), bsn));
        expect([await whatOpens(cookie, elsewhere), await whatOpens(cookie, beside)]).toEqual([401, 200]);
        expect(await whatOpens(cookieOf(await signedIn(elsewhere, bsn)))).toBe(401);
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

describe('no page stays in a cache', () => {
  const expectUnstored = ({ headers }: Shown) => expect(headers.get('cache-control')).toBe('no-store');

  it('of those that are shown on the way in, inside and on the way out', async () => {
    const browser = new Browser(server().baseUrl);
    for (const path of ['/', '/session', '/login']) expectUnstored(await browser.step(path));
    const page = await browser.go('/login');
    expectUnstored(page);
    const body = new URLSearchParams({ citizen: '900186021', level: 'high', do: 'sign-in' }).toString();
    const sent = { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body };
    const resume = await browser.step(page.url.href, sent);
    const back = await browser.step(resume.headers.get('location') ?? '');
    const home = await browser.step(back.headers.get('location') ?? '');
    expect(home.headers.get('location')).toBe('/');
    expectUnstored(home);
    for (const path of ['/', '/session', home.url.href]) expectUnstored(await browser.step(path));
    const headers = { 'Sec-Fetch-Site': 'same-origin' };
    expectUnstored(await browser.step('/logout', { method: 'POST', headers }));
    expectUnstored(await browser.step('/logout', { method: 'POST', headers }));
  });

  it('while a definition of a profile may: the header is not on everything', async () => {
    const { headers } = await server().ask('/health/live');
    expect(headers.get('cache-control')).not.toBe('no-store');
  });
});

describe('the log', () => {
  it('shows a citizen each sign-in and sign-out, in words of FHIR', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    await browser.submit('/logout', {});
    await signIn(browser, bsn, 'midden');
    const { body } = await server().fhir<{ entry: { resource: object }[] }>('/Patient/$access-log', {
      as: `citizen:${bsn}`,
      body: { resourceType: 'Parameters' },
    });
    const shown = body.entry.map(({ resource }) => resource);
    const rest = 'http://hl7.org/fhir/restful-interaction';
    expect(shown).toMatchObject([
      { subtype: [{ system: rest, code: 'create' }], action: 'C', outcome: '4', outcomeDesc: 'assurance-too-low' },
      { subtype: [{ system: rest, code: 'delete' }], action: 'D', outcome: '0' },
      {
        subtype: [{ system: rest, code: 'create' }],
        action: 'C',
        outcome: '0',
        entity: expect.arrayContaining([
          expect.objectContaining({ detail: [{ type: 'assurance', valueString: 'substantial' }] }),
        ]) as unknown,
      },
    ]);
  });
});
