import { isBsn } from '../../src/fhir/identifiers.ts';
import { Browser } from '../http/browser.ts';
import { holdsTrace } from '../http/every-column.ts';
import { freshBsn } from '../http/people.ts';
import { logOf, sessionOf, signIn } from '../http/signing-in.ts';
import { useTestServer } from '../setup/test-server.ts';

const sandbox = useTestServer();

/** A number that somebody could have: it is right, and no test number. */
function somebody(): string {
  const digit = [...Array(10).keys()].find((last) => isBsn(`12345678${last}`));
  return `12345678${digit ?? ''}`;
}

describe('the stand-in for DigiD', () => {
  it.each(['basis', 'midden'] as const)('signs nobody in at %s', async (level) => {
    const bsn = freshBsn();
    const browser = new Browser(sandbox().baseUrl);
    expect((await signIn(browser, bsn, level)).status).toBe(403);
    expect(await sessionOf(browser)).toBe(401);
    expect(await logOf(sandbox(), bsn)).toEqual(['Session.create 4 assurance-too-low']);
  });

  it.each(['substantial', 'high'] as const)('signs somebody in at %s', async (level) => {
    const browser = new Browser(sandbox().baseUrl);
    await signIn(browser, freshBsn(), level);
    expect(await sessionOf(browser)).toMatchObject({ assurance: level });
  });

  it('takes a code once', async () => {
    const browser = new Browser(sandbox().baseUrl);
    const page = await browser.go('/login');
    const attempt = browser.cookies.get('akkoord-sign-in');
    await browser.submit(page.url.href, { citizen: '900186021', level: 'high', do: 'sign-in' });
    const back = browser.seen.find((address) => address.includes('/login/callback?')) ?? '';
    const again = new Browser(sandbox().baseUrl);
    if (attempt !== undefined) again.cookies.set('akkoord-sign-in', attempt);
    expect((await again.go(back)).status).toBe(403);
    expect((await logOf(sandbox())).at(-1)).toBe('Session.create 4 sign-in-refused');
  });

  it('knows nobody who could be a person, and says so', async () => {
    const browser = new Browser(sandbox().baseUrl);
    const page = await browser.go('/login');
    for (const other of ['900203640', somebody(), '99990001', "999990019' or 1=1"]) {
      const { status, text } = await browser.submit(page.url.href, { other, level: 'high', do: 'sign-in' });
      expect([status, text.includes('role="alert"'), text.includes(other)]).toEqual([422, true, false]);
    }
  });

  it('lets one cancel', async () => {
    const browser = new Browser(sandbox().baseUrl);
    const page = await browser.go('/login');
    expect((await browser.submit(page.url.href, { do: 'cancel' })).text).toContain('afgebroken');
    expect((await logOf(sandbox())).at(-1)).toBe('Session.create 4 sign-in-cancelled');
  });

  it('forgets who signed in: the next one in the same browser is asked again', async () => {
    const browser = new Browser(sandbox().baseUrl);
    const [first, second] = [freshBsn(), freshBsn()];
    await signIn(browser, first);
    await signIn(browser, second);
    expect(await logOf(sandbox(), first)).toEqual(['Session.create 0 substantial', 'Session.delete 0']);
    expect(await logOf(sandbox(), second)).toEqual(['Session.create 0 substantial']);
  });

  it('leads nowhere but back to this server, whatever a caller says its host is', async () => {
    const { body } = await sandbox().ask<Record<string, unknown>>('/sandbox/digid/.well-known/openid-configuration', {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' },
    });
    expect(body['authorization_endpoint']).toBe(`${sandbox().baseUrl}/sandbox/digid/auth`);
    expect(JSON.stringify(body)).not.toContain('evil');
  });

  it.each([
    ['another address to return to', { redirect_uri: 'https://evil.example/' }],
    ['another client', { client_id: 'other' }],
    ['no proof of the asker', { code_challenge: '' }],
  ])('refuses %s with a page that repeats nothing', async (_title, change) => {
    const browser = new Browser(sandbox().baseUrl);
    const begin = new URL((await browser.step('/login')).headers.get('location') ?? '');
    for (const [name, value] of Object.entries(change)) begin.searchParams.set(name, value);
    const { url, text } = await browser.go(begin.href);
    expect(url.origin).toBe(sandbox().baseUrl);
    expect(text).not.toContain('evil');
    expect(await sessionOf(browser)).toBe(401);
  });

  it('puts no BSN in an address, a cookie or a line of the log', async () => {
    const bsn = freshBsn();
    const browser = new Browser(sandbox().baseUrl);
    await signIn(browser, bsn);
    await signIn(browser, bsn, 'basis');
    await browser.submit('/logout', {});
    expect(browser.seen.length).toBeGreaterThan(20);
    for (const text of [...browser.seen, ...sandbox().logged])
      expect(holdsTrace(decodeURIComponent(text), bsn)).toBe(false);
    expect(holdsTrace(`akkoord-session=${bsn}`, bsn)).toBe(true);
  });
});
