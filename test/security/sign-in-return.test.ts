import { generateKeyPairSync } from 'node:crypto';
import { Browser } from '../http/browser.ts';
import { freshBsn } from '../http/people.ts';
import { logOf, sessionOf } from '../http/signing-in.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer } from '../setup/test-server.ts';
import { useHostileSignIn } from './hostile-sign-in.ts';

const hostile = useHostileSignIn();

describe('the way back from the provider', () => {
  it.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['with another state', { state: 'another' }],
    ['without a state', { state: undefined }],
    ['from another provider (mix-up)', { iss: 'https://elsewhere.example' }],
    ['without saying from which provider', { iss: undefined }],
    ['without a code', { code: undefined }],
    ['with a token in the address', { id_token: 'x' }],
    ['with a wrapped answer', { response: 'x.y.z' }],
  ])('%s is refused, and no code is used', async (_title, words) => {
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, freshBsn());
    const asked = hostile().provider.asked.length;
    expect((await browser.go(hostile().wayBack(state, words))).status).toBe(403);
    expect([await sessionOf(browser), hostile().provider.asked.length]).toEqual([401, asked]);
    expect(await hostile().lastRefusal()).toBe('Session.create 4 sign-in-refused');
  });

  it('with a state twice is refused', async () => {
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, freshBsn());
    expect((await browser.go(`${hostile().wayBack(state)}&state=another`)).status).toBe(403);
    expect(await sessionOf(browser)).toBe(401);
  });

  it('says so when the citizen cancelled', async () => {
    const { browser, state } = await hostile().begin();
    const { status, text } = await browser.go(hostile().wayBack(state, { code: undefined, error: 'access_denied' }));
    expect([status, text.includes('afgebroken')]).toEqual([403, true]);
    expect(await hostile().lastRefusal()).toBe('Session.create 4 sign-in-cancelled');
  });

  it('is not looked at by who only asks for the headers', async () => {
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, freshBsn());
    const { status, headers } = await browser.step(hostile().wayBack(state), { method: 'HEAD' });
    expect([status, headers.get('allow'), await sessionOf(browser)]).toEqual([405, 'GET', 401]);
    expect((await browser.go(hostile().wayBack(state))).status).toBe(200);
  });
});

describe('a code and state of an attacker', () => {
  it('sign nobody in, in a browser that began nothing', async () => {
    const attacker = await hostile().begin();
    await hostile().saySigned(attacker.nonce, freshBsn());
    const asked = hostile().provider.asked.length;
    const victim = new Browser(hostile().server.baseUrl);
    expect((await victim.go(hostile().wayBack(attacker.state))).status).toBe(403);
    expect([await sessionOf(victim), hostile().provider.asked.length]).toEqual([401, asked]);
    expect(await hostile().lastRefusal()).toBe('Session.create 4 sign-in-not-begun');
    expect((await attacker.browser.go(hostile().wayBack(attacker.state))).status).toBe(200);
  });

  it('sign nobody in, in a browser that began something else, nor does the code with the state of the victim', async () => {
    const attacker = await hostile().begin();
    await hostile().saySigned(attacker.nonce, freshBsn());
    for (const stateOf of [() => attacker.state, (own: string) => own]) {
      const victim = await hostile().begin();
      expect((await victim.browser.go(hostile().wayBack(stateOf(victim.state)))).status).toBe(403);
      expect(await sessionOf(victim.browser)).toBe(401);
    }
  });

  it('leave who was signed in before signed in', async () => {
    const victim = await hostile().begin();
    await hostile().saySigned(victim.nonce, freshBsn());
    await victim.browser.go(hostile().wayBack(victim.state));
    const attacker = await hostile().begin();
    await hostile().saySigned(attacker.nonce, freshBsn());
    expect((await victim.browser.go(hostile().wayBack(attacker.state))).status).toBe(403);
    expect(await sessionOf(victim.browser)).toMatchObject({ assurance: 'substantial' });
  });
});

describe('an attempt to sign in', () => {
  it('counts once: its way back leads nowhere a second time', async () => {
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, freshBsn());
    expect((await browser.go(hostile().wayBack(state))).status).toBe(200);
    expect((await browser.go(hostile().wayBack(state))).status).toBe(403);
    expect(await hostile().lastRefusal()).toBe('Session.create 4 sign-in-not-begun');
  });

  it('counts for ten minutes', async () => {
    const { vault } = hostile().server.server.register;
    for (const [over, status] of [
      [5_000, 200],
      [-1, 403],
    ] as const) {
      const { browser, state, nonce } = await hostile().begin();
      const cookie = browser.cookies.get('akkoord-sign-in');
      const attempt = JSON.parse(vault.openText('sign-in', cookie?.value ?? '')) as { until: number };
      expect(Math.abs(attempt.until - Date.now() - 600_000)).toBeLessThan(60_000);
      const aged = vault.sealText('sign-in', JSON.stringify({ ...attempt, until: Date.now() + over }));
      browser.cookies.set('akkoord-sign-in', { value: aged, path: '/' });
      await hostile().saySigned(nonce, freshBsn());
      expect((await browser.go(hostile().wayBack(state))).status).toBe(status);
    }
  });

  it(
    'that another server sealed is none',
    async () => {
      const elsewhere = await openTestServer({ login: hostile().provider.settings });
      try {
        const begunThere = await hostile().begin(elsewhere);
        await hostile().saySigned(begunThere.nonce, freshBsn());
        const here = new Browser(hostile().server.baseUrl);
        for (const [name, kept] of begunThere.browser.cookies) here.cookies.set(name, kept);
        expect((await here.go(hostile().wayBack(begunThere.state))).status).toBe(403);
        expect(await hostile().lastRefusal()).toBe('Session.create 4 sign-in-not-begun');
        expect((await begunThere.browser.go(hostile().wayBack(begunThere.state))).status).toBe(200);
      } finally {
        await elsewhere.close();
      }
    },
    LIMIT_MS,
  );

  it('shows the provider that it is the same party which asked (PKCE)', async () => {
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, freshBsn());
    await browser.go(hostile().wayBack(state));
    const sent = new URLSearchParams(hostile().provider.asked.at(-1));
    expect(sent.get('redirect_uri')).toBe(`${hostile().server.baseUrl}/login/callback`);
    expect(sent.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43,}$/);
  });
});

describe('this server, at the provider,', () => {
  it(
    'proves itself by a key where it has one, and by its secret elsewhere',
    async () => {
      const key = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' });
      const credential = { key: JSON.stringify({ ...key, alg: 'ES384' }) };
      const byKey = await openTestServer({ login: { ...hostile().provider.settings, credential } });
      try {
        for (const [at, sends] of [
          [byKey, true],
          [hostile().server, false],
        ] as const) {
          const { browser, state, nonce } = await hostile().begin(at);
          await hostile().saySigned(nonce, freshBsn());
          expect((await browser.go(hostile().wayBack(state))).status).toBe(200);
          const sent = new URLSearchParams(hostile().provider.asked.at(-1));
          expect([sent.has('client_assertion'), sent.has('client_secret')]).toEqual([sends, false]);
        }
      } finally {
        await byKey.close();
      }
    },
    LIMIT_MS,
  );
});

describe('a provider that does not answer as one', () => {
  it.each([
    ['an error of its own', 503, { error: 'temporarily_unavailable' }, 503, 'Session.create 8 sign-in-unavailable'],
    ['a code that was used before', 400, { error: 'invalid_grant' }, 403, 'Session.create 4 sign-in-refused'],
    ['nothing', 200, {}, 403, 'Session.create 4 sign-in-refused'],
  ])('with %s signs nobody in', async (_title, status, body, shown, logged) => {
    const { browser, state } = await hostile().begin();
    hostile().provider.say({ status, body });
    expect((await browser.go(hostile().wayBack(state))).status).toBe(shown);
    expect([await sessionOf(browser), await hostile().lastRefusal()]).toEqual([401, logged]);
  });

  it(
    'cannot be reached: a page says so, and once it can one signs in',
    async () => {
      const alone = await openTestServer({ login: hostile().provider.settings });
      try {
        hostile().provider.fail(true);
        const { status, headers } = await new Browser(alone.baseUrl).go('/login');
        expect([status, headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
        expect(await logOf(alone)).toEqual(['Session.create 8 sign-in-unavailable']);
        hostile().provider.fail(false);
        expect((await new Browser(alone.baseUrl).step('/login')).status).toBe(303);
      } finally {
        hostile().provider.fail(false);
        await alone.close();
      }
    },
    LIMIT_MS,
  );
});
