import { Browser, type Shown } from '../http/browser.ts';
import { findEverywhere } from '../http/every-column.ts';
import { freshBsn } from '../http/people.ts';
import { COOKIE, cookieOf, logOf, sessionOf, signedIn, signIn, whatOpens } from '../http/signing-in.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

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
    expect(await whatOpens(server(), cookie)).toBe(200);
    const { status, url } = await browser.submit('/logout', {});
    expect([status, url.pathname, cookieOf(browser)]).toEqual([200, '/', '']);
    expect(await whatOpens(server(), cookie)).toBe(401);
    expect(await logOf(server(), bsn)).toEqual(['Session.create 0 substantial', 'Session.delete 0']);
  });

  it('ends when the citizen signs in again, there or in another browser', async () => {
    const bsn = freshBsn();
    const browser = await signedIn(server(), bsn);
    const first = cookieOf(browser);
    await signIn(browser, bsn, 'high');
    const second = cookieOf(browser);
    expect(second).not.toBe(first);
    expect([await whatOpens(server(), first), await whatOpens(server(), second)]).toEqual([401, 200]);
    const third = cookieOf(await signedIn(server(), bsn));
    expect([await whatOpens(server(), second), await whatOpens(server(), third)]).toEqual([401, 200]);
  });

  it('ends when somebody else signs in in the same browser', async () => {
    const [first, second] = [freshBsn(), freshBsn()];
    const browser = await signedIn(server(), first);
    const cookie = cookieOf(browser);
    await signIn(browser, second);
    expect([await whatOpens(server(), cookie), await whatOpens(server(), cookieOf(browser))]).toEqual([401, 200]);
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
    expect(await whatOpens(server(), cookie)).toBe(200);
    expect((await deleteAccount(bsn)).status).toBe(200);
    expect(await whatOpens(server(), cookie)).toBe(401);
    expect(await whatOpens(server(), cookieOf(await signedIn(server(), bsn)))).toBe(200);
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
    expect(await whatOpens(server(), cookieOf(browser))).toBe(status);
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
