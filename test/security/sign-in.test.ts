import { generateKeyPairSync } from 'node:crypto';
import { Browser } from '../http/browser.ts';
import { holdsTrace } from '../http/every-column.ts';
import { freshBsn } from '../http/people.ts';
import { logOf, sessionOf, signIn } from '../http/signing-in.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer } from '../setup/test-server.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type HostileProvider,
  openHostileProvider,
  resigned,
  type TokenPlan,
} from './hostile-provider.ts';

let provider: HostileProvider;
let server: TestServer;

beforeAll(async () => {
  provider = await openHostileProvider();
  server = await openTestServer({ login: provider.settings });
}, LIMIT_MS);

afterAll(async () => {
  await server.close();
  await provider.close();
}, LIMIT_MS);

/** A browser that has begun to sign in, and what only it and the provider know. */
async function begun(at = server) {
  const browser = new Browser(at.baseUrl);
  const { headers } = await browser.step('/login');
  const { searchParams } = new URL(headers.get('location') ?? '');
  return { browser, state: searchParams.get('state') ?? '', nonce: searchParams.get('nonce') ?? '' };
}

/** The way back of a browser, with these words in the address in the place of the right ones. */
function wayBack(state: string, words: Readonly<Record<string, string | undefined>> = {}): string {
  const pairs = Object.entries({ code: 'a-code', state, iss: provider.issuer, ...words });
  return `/login/callback?${new URLSearchParams(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))}`;
}

async function saySigned(nonce: string, bsn: string, plan: TokenPlan = {}): Promise<void> {
  const idToken = await provider.idToken(nonce, bsn, plan);
  provider.say({ status: 200, body: { access_token: 'opaque', token_type: 'Bearer', id_token: idToken } });
}

/** What became of the last time that somebody nobody knows tried to sign in. */
async function lastRefusal(): Promise<string | undefined> {
  return (await logOf(server)).at(-1);
}

const SECOND = () => Math.floor(Date.now() / 1000);
const LOW = 'http://eidas.europa.eu/LoA/low';

describe('an ID token', () => {
  it.each<[string, TokenPlan, string]>([
    ['substantial', {}, 'substantial'],
    ['high', { claims: { acr: 'http://eidas.europa.eu/LoA/high' } }, 'high'],
    [
      'for several, of whom we are the one that asked',
      { claims: { aud: [CLIENT_ID, 'other'], azp: CLIENT_ID } },
      'substantial',
    ],
  ])('that is right signs a citizen in: %s', async (_title, plan, assurance) => {
    const bsn = freshBsn();
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, bsn, plan);
    const { status, url } = await browser.go(wayBack(state));
    expect([status, url.pathname]).toEqual([200, '/']);
    expect(await sessionOf(browser)).toMatchObject({ assurance });
    expect(await logOf(server, bsn)).toEqual([`Session.create 0 ${assurance}`]);
  });

  it.each<[string, unknown]>([
    ['low', LOW],
    ['missing', undefined],
    ['a word of another provider', 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'],
    ['empty', ''],
    ['a list with a high enough one in it', ['http://eidas.europa.eu/LoA/high']],
    ['spelt differently', 'http://eidas.europa.eu/LoA/SUBSTANTIAL'],
  ])('with too low an assurance, %s, opens nothing, and the citizen sees that it was tried', async (_title, acr) => {
    const bsn = freshBsn();
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, bsn, { claims: { acr } });
    const { status, text } = await browser.go(wayBack(state), { 'Accept-Language': 'en' });
    expect([status, text.includes('not signed in')]).toEqual([403, true]);
    expect(await sessionOf(browser)).toBe(401);
    expect(await logOf(server, bsn)).toEqual(['Session.create 4 assurance-too-low']);
  });

  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
  const refused: readonly [string, TokenPlan][] = [
    ['another nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['the audience of another client', { claims: { aud: 'other' } }],
    ['several audiences, without us', { claims: { aud: ['other', 'more'], azp: CLIENT_ID } }],
    ['several audiences, asked for by another', { claims: { aud: [CLIENT_ID, 'other'], azp: 'other' } }],
    ['several audiences, not saying who asked', { claims: { aud: [CLIENT_ID, 'other'] } }],
    ['another issuer', { claims: { iss: 'https://elsewhere.example' } }],
    ['no issuer', { claims: { iss: undefined } }],
    ['an issuer that only begins alike', { claims: { iss: 'http://127.0.0.1' } }],
    ['an end in the past', { claims: { iat: SECOND() - 300, exp: SECOND() - 120 } }],
    ['no end', { claims: { exp: undefined } }],
    ['a beginning in the future', { claims: { nbf: SECOND() + 300 } }],
    ['no moment of making', { claims: { iat: undefined } }],
    ['no moment of signing in', { claims: { auth_time: undefined } }],
    ['a sign-in of an hour ago', { claims: { auth_time: SECOND() - 3600 } }],
    ['no subject', { claims: { sub: undefined } }],
    ['no BSN', { claims: { bsn: undefined } }],
    ['a number as its BSN', { claims: { bsn: 999_990_019 } }],
    ['a BSN that is none', { claims: { bsn: '999990018' } }],
    ['the signature of another key', { foreignKey: true }],
    ['a key that the provider does not have', { foreignKey: true, header: { kid: 'wrong' } }],
    ['a key of its own', { foreignKey: true, header: { jwk: other } }],
    ['a key from elsewhere', { foreignKey: true, header: { jku: 'http://127.0.0.1:9/keys', kid: 'right' } }],
    ['no signature', { bend: (token) => token.replace(/[^.]+$/, '') }],
    ['half a signature', { bend: (token) => token.slice(0, -20) }],
    ['a claim changed after signing', { bend: (token) => token.replace(/\.[^.]+\./, (payload) => flipped(payload)) }],
    ['the algorithm none', { bend: (token) => resigned(token, { alg: 'none' }) }],
    ['the algorithm none, and a signature', { bend: (token) => resigned(token, { alg: 'none' }, 'x') }],
    [
      'the public key as a secret',
      { bend: (token, key) => resigned(token, { alg: 'HS256', kid: 'right' }, JSON.stringify(key)) },
    ],
    ['the secret of the client as its key', { bend: (token) => resigned(token, { alg: 'HS256' }, CLIENT_SECRET) }],
    ['an extension that must be understood', { header: { crit: ['b64'], b64: true } }],
    ['nothing of a token', { bend: () => 'not a token' }],
  ];

  it.each(refused)('with %s opens nothing', async (_title, plan) => {
    const bsn = freshBsn();
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, bsn, plan);
    const { status } = await browser.go(wayBack(state));
    expect([status, await sessionOf(browser)]).toEqual([403, 401]);
    expect(await lastRefusal()).toBe('Session.create 4 sign-in-refused');
    expect(await logOf(server, bsn)).toEqual([]);
  });

  it('that is missing opens nothing', async () => {
    const { browser, state } = await begun();
    provider.say({ status: 200, body: { access_token: 'opaque', token_type: 'Bearer' } });
    expect((await browser.go(wayBack(state))).status).toBe(403);
    expect(await sessionOf(browser)).toBe(401);
  });
});

function flipped(payload: string): string {
  const claims = JSON.parse(Buffer.from(payload.slice(1, -1), 'base64url').toString()) as object;
  return `.${Buffer.from(JSON.stringify({ ...claims, bsn: freshBsn() })).toString('base64url')}.`;
}

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
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, freshBsn());
    const asked = provider.asked.length;
    expect((await browser.go(wayBack(state, words))).status).toBe(403);
    expect([await sessionOf(browser), provider.asked.length]).toEqual([401, asked]);
    expect(await lastRefusal()).toBe('Session.create 4 sign-in-refused');
  });

  it('with a state twice is refused', async () => {
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, freshBsn());
    expect((await browser.go(`${wayBack(state)}&state=another`)).status).toBe(403);
    expect(await sessionOf(browser)).toBe(401);
  });

  it('says so when the citizen cancelled', async () => {
    const { browser, state } = await begun();
    const { status, text } = await browser.go(wayBack(state, { code: undefined, error: 'access_denied' }));
    expect([status, text.includes('afgebroken')]).toEqual([403, true]);
    expect(await lastRefusal()).toBe('Session.create 4 sign-in-cancelled');
  });

  it('is not looked at by who only asks for the headers', async () => {
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, freshBsn());
    const { status, headers } = await browser.step(wayBack(state), { method: 'HEAD' });
    expect([status, headers.get('allow'), await sessionOf(browser)]).toEqual([405, 'GET', 401]);
    expect((await browser.go(wayBack(state))).status).toBe(200);
  });
});

describe('a code and state of an attacker', () => {
  it('sign nobody in, in a browser that began nothing', async () => {
    const attacker = await begun();
    await saySigned(attacker.nonce, freshBsn());
    const asked = provider.asked.length;
    const victim = new Browser(server.baseUrl);
    expect((await victim.go(wayBack(attacker.state))).status).toBe(403);
    expect([await sessionOf(victim), provider.asked.length]).toEqual([401, asked]);
    expect(await lastRefusal()).toBe('Session.create 4 sign-in-not-begun');
    expect((await attacker.browser.go(wayBack(attacker.state))).status).toBe(200);
  });

  it('sign nobody in, in a browser that began something else, nor does the code with the state of the victim', async () => {
    const attacker = await begun();
    await saySigned(attacker.nonce, freshBsn());
    for (const stateOf of [() => attacker.state, (own: string) => own]) {
      const victim = await begun();
      expect((await victim.browser.go(wayBack(stateOf(victim.state)))).status).toBe(403);
      expect(await sessionOf(victim.browser)).toBe(401);
    }
  });

  it('leave who was signed in before signed in', async () => {
    const victim = await begun();
    await saySigned(victim.nonce, freshBsn());
    await victim.browser.go(wayBack(victim.state));
    const attacker = await begun();
    await saySigned(attacker.nonce, freshBsn());
    expect((await victim.browser.go(wayBack(attacker.state))).status).toBe(403);
    expect(await sessionOf(victim.browser)).toMatchObject({ assurance: 'substantial' });
  });
});

describe('an attempt to sign in', () => {
  it('counts once: its way back leads nowhere a second time', async () => {
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, freshBsn());
    expect((await browser.go(wayBack(state))).status).toBe(200);
    expect((await browser.go(wayBack(state))).status).toBe(403);
    expect(await lastRefusal()).toBe('Session.create 4 sign-in-not-begun');
  });

  it('counts for ten minutes', async () => {
    const { vault } = server.server.register;
    for (const [over, status] of [
      [5_000, 200],
      [-1, 403],
    ] as const) {
      const { browser, state, nonce } = await begun();
      const cookie = browser.cookies.get('akkoord-sign-in');
      const attempt = JSON.parse(vault.openText('sign-in', cookie?.value ?? '')) as { until: number };
      expect(Math.abs(attempt.until - Date.now() - 600_000)).toBeLessThan(60_000);
      const aged = vault.sealText('sign-in', JSON.stringify({ ...attempt, until: Date.now() + over }));
      browser.cookies.set('akkoord-sign-in', { value: aged, path: '/' });
      await saySigned(nonce, freshBsn());
      expect((await browser.go(wayBack(state))).status).toBe(status);
    }
  });

  it(
    'that another server sealed is none',
    async () => {
      const elsewhere = await openTestServer({ login: provider.settings });
      try {
        const begunThere = await begun(elsewhere);
        await saySigned(begunThere.nonce, freshBsn());
        const here = new Browser(server.baseUrl);
        for (const [name, kept] of begunThere.browser.cookies) here.cookies.set(name, kept);
        expect((await here.go(wayBack(begunThere.state))).status).toBe(403);
        expect(await lastRefusal()).toBe('Session.create 4 sign-in-not-begun');
        expect((await begunThere.browser.go(wayBack(begunThere.state))).status).toBe(200);
      } finally {
        await elsewhere.close();
      }
    },
    LIMIT_MS,
  );

  it('shows the provider that it is the same party which asked (PKCE)', async () => {
    const { browser, state, nonce } = await begun();
    await saySigned(nonce, freshBsn());
    await browser.go(wayBack(state));
    const sent = new URLSearchParams(provider.asked.at(-1));
    expect(sent.get('redirect_uri')).toBe(`${server.baseUrl}/login/callback`);
    expect(sent.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43,}$/);
  });
});

describe('a provider that does not answer as one', () => {
  it.each([
    ['an error of its own', 503, { error: 'temporarily_unavailable' }, 503, 'Session.create 8 sign-in-unavailable'],
    ['a code that was used before', 400, { error: 'invalid_grant' }, 403, 'Session.create 4 sign-in-refused'],
    ['nothing', 200, {}, 403, 'Session.create 4 sign-in-refused'],
  ])('with %s signs nobody in', async (_title, status, body, shown, logged) => {
    const { browser, state } = await begun();
    provider.say({ status, body });
    expect((await browser.go(wayBack(state))).status).toBe(shown);
    expect([await sessionOf(browser), await lastRefusal()]).toEqual([401, logged]);
  });

  it(
    'cannot be reached: a page says so, and once it can one signs in',
    async () => {
      const alone = await openTestServer({ login: provider.settings });
      try {
        provider.fail(true);
        const { status, headers } = await new Browser(alone.baseUrl).go('/login');
        expect([status, headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
        expect(await logOf(alone)).toEqual(['Session.create 8 sign-in-unavailable']);
        provider.fail(false);
        expect((await new Browser(alone.baseUrl).step('/login')).status).toBe(303);
      } finally {
        provider.fail(false);
        await alone.close();
      }
    },
    LIMIT_MS,
  );
});

describe('the stand-in for DigiD', () => {
  let sandbox: TestServer;
  beforeAll(async () => (sandbox = await openTestServer()), LIMIT_MS);
  afterAll(() => sandbox.close(), LIMIT_MS);

  it.each(['basis', 'midden'] as const)('signs nobody in at %s', async (level) => {
    const bsn = freshBsn();
    const browser = new Browser(sandbox.baseUrl);
    expect((await signIn(browser, bsn, level)).status).toBe(403);
    expect(await sessionOf(browser)).toBe(401);
    expect(await logOf(sandbox, bsn)).toEqual(['Session.create 4 assurance-too-low']);
  });

  it.each(['substantial', 'high'] as const)('signs somebody in at %s', async (level) => {
    const browser = new Browser(sandbox.baseUrl);
    await signIn(browser, freshBsn(), level);
    expect(await sessionOf(browser)).toMatchObject({ assurance: level });
  });

  it('takes a code once', async () => {
    const browser = new Browser(sandbox.baseUrl);
    const page = await browser.go('/login');
    const attempt = browser.cookies.get('akkoord-sign-in');
    await browser.submit(page.url.href, { citizen: '900186021', level: 'high', do: 'sign-in' });
    const back = browser.seen.find((address) => address.includes('/login/callback?')) ?? '';
    const again = new Browser(sandbox.baseUrl);
    if (attempt !== undefined) again.cookies.set('akkoord-sign-in', attempt);
    expect((await again.go(back)).status).toBe(403);
    expect((await logOf(sandbox)).at(-1)).toBe('Session.create 4 sign-in-refused');
  });

  it('knows nobody who could be a person, and says so', async () => {
    const browser = new Browser(sandbox.baseUrl);
    const page = await browser.go('/login');
    for (const other of ['900203640', '123456782', '99990001', "999990019' or 1=1"]) {
      const { status, text } = await browser.submit(page.url.href, { other, level: 'high', do: 'sign-in' });
      expect([status, text.includes('role="alert"'), text.includes(other)]).toEqual([422, true, false]);
    }
  });

  it('lets one cancel', async () => {
    const browser = new Browser(sandbox.baseUrl);
    const page = await browser.go('/login');
    expect((await browser.submit(page.url.href, { do: 'cancel' })).text).toContain('afgebroken');
    expect((await logOf(sandbox)).at(-1)).toBe('Session.create 4 sign-in-cancelled');
  });

  it('forgets who signed in: the next one in the same browser is asked again', async () => {
    const browser = new Browser(sandbox.baseUrl);
    const [first, second] = [freshBsn(), freshBsn()];
    await signIn(browser, first);
    await signIn(browser, second);
    expect(await logOf(sandbox, first)).toEqual(['Session.create 0 substantial', 'Session.delete 0']);
    expect(await logOf(sandbox, second)).toEqual(['Session.create 0 substantial']);
  });

  it('leads nowhere but back to this server, whatever a caller says its host is', async () => {
    const { body } = await sandbox.ask<Record<string, unknown>>('/sandbox/digid/.well-known/openid-configuration', {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' },
    });
    expect(body['authorization_endpoint']).toBe(`${sandbox.baseUrl}/sandbox/digid/auth`);
    expect(JSON.stringify(body)).not.toContain('evil');
  });

  it.each([
    ['another address to return to', { redirect_uri: 'https://evil.example/' }],
    ['another client', { client_id: 'other' }],
    ['no proof of the asker', { code_challenge: '' }],
  ])('refuses %s with a page that repeats nothing', async (_title, change) => {
    const browser = new Browser(sandbox.baseUrl);
    const begin = new URL((await browser.step('/login')).headers.get('location') ?? '');
    for (const [name, value] of Object.entries(change)) begin.searchParams.set(name, value);
    const { url, text } = await browser.go(begin.href);
    expect(url.origin).toBe(sandbox.baseUrl);
    expect(text).not.toContain('evil');
    expect(await sessionOf(browser)).toBe(401);
  });

  it('puts no BSN in an address, a cookie or a line of the log', async () => {
    const bsn = freshBsn();
    const browser = new Browser(sandbox.baseUrl);
    await signIn(browser, bsn);
    await signIn(browser, bsn, 'basis');
    await browser.submit('/logout', {});
    expect(browser.seen.length).toBeGreaterThan(20);
    for (const text of [...browser.seen, ...sandbox.logged])
      expect(holdsTrace(decodeURIComponent(text), bsn)).toBe(false);
    expect(holdsTrace(`akkoord-session=${bsn}`, bsn)).toBe(true);
  });
});
