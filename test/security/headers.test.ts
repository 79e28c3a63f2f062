import { freshBsn } from '../http/people.ts';
import { signedIn } from '../http/signing-in.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

/** One answer of each kind: a page, a definition, a probe, the metrics, and each way to be refused. */
const ADDRESSES = [
  '/',
  '/session',
  '/login',
  '/sandbox/digid/auth',
  '/email/confirm',
  '/sandbox/mailbox',
  '/fhir/metadata',
  '/fhir/Consent',
  '/fhir/nothing/here',
  '/health/live',
  '/metrics',
  '/oauth/token',
  '/fhir/.well-known/smart-configuration',
  '/nothing',
];

/** The directives of a Content-Security-Policy, by name. https://www.w3.org/TR/CSP3/ */
function directives(policy: string | null): Record<string, string> {
  const pairs = (policy ?? '').split(';').map((directive) => directive.trim().split(/ (.*)/s));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

describe('every answer', () => {
  it.each(ADDRESSES)('forbids a browser what it does not need: %s', async (path) => {
    const { headers } = await server().ask(path);
    expect(directives(headers.get('content-security-policy'))).toMatchObject({
      'default-src': "'none'",
      'object-src': "'none'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each(ADDRESSES)('keeps a browser on TLS for a year, on every subdomain: %s', async (path) => {
    const { headers } = await server().ask(path);
    const [, seconds] = /^max-age=(\d+); includeSubDomains/.exec(headers.get('strict-transport-security') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(31_536_000);
  });

  it.each(ADDRESSES)('says what it is, in which characters, and nothing of what made it: %s', async (path) => {
    const { headers } = await server().ask(path);
    expect(headers.get('content-type')).toMatch(/^(text|application)\/.+; charset=utf-8$/);
    expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
  });

  it.each(ADDRESSES)('is for no page of another origin: %s', async (path) => {
    const asked = { headers: { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'POST' } };
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await server().ask(path, { ...asked, method });
      const shared = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
      expect(shared).toEqual([]);
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });

  it.each(['token', 'introspect', 'revoke'])(
    'of the authorisation server is for no such page either: %s',
    async (what) => {
      const headers = { Origin: 'https://elsewhere.example', 'Content-Type': 'application/x-www-form-urlencoded' };
      const answer = await server().ask(`/oauth/${what}`, { method: 'POST', headers, body: 'token=one' });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, null]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );
});

describe('who signs out', () => {
  const signOut = { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } };

  it('leaves nothing behind in the browser', async () => {
    const browser = await signedIn(server(), freshBsn());
    const { status, headers } = await browser.step('/logout', signOut);
    expect([status, headers.get('clear-site-data')]).toEqual([303, '"cache", "storage"']);
  });

  it('does so by really signing out: a refusal takes nothing away', async () => {
    const browser = await signedIn(server(), freshBsn());
    const { status, headers } = await browser.step('/logout', { method: 'POST' });
    expect([status, headers.get('clear-site-data')]).toEqual([403, null]);
  });
});
