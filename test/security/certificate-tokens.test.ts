import { KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';
import { clientCert, ONE, OTHER } from './certificates.ts';
import { askToken, assertionOf, type ClientKey, newKey, registerKey } from './oauth-client.ts';

/** The same server as a proxy on this machine reaches it. */
let behind: TestServer;
// Before the one whose database it shares.
afterAll(() => behind.close());
/** Believes nobody about certificates. */
const server = useTestServer();
let key: ClientKey;

beforeAll(async () => {
  const publicUrl = server().baseUrl;
  behind = await openTestServer({ beside: server(), publicUrl, trustedProxies: ['10.0.0.0/8', '127.0.0.0/8'] });
  key = await newKey();
  await registerKey(server(), 'gp', key, { binding: 'mtls' });
}, LIMIT_MS);

type Headers = Readonly<Record<string, string>>;

async function ask(at: TestServer, headers: Headers) {
  return askToken(at, await assertionOf(server(), 'gp', key), { headers });
}

async function check(at: TestServer, token: string, headers: Headers = {}): Promise<number> {
  const call = { headers: { ...headers, Authorization: `Bearer ${token}` }, body: question(KARIM) };
  return (await at.fhir('/Consent/$check', call)).status;
}

async function boundToken(): Promise<string> {
  const { status, body } = await ask(behind, clientCert(ONE));
  expect([status, body.token_type]).toEqual([200, 'Bearer']);
  return body.access_token ?? '';
}

describe('a token that is bound to a certificate', () => {
  it('counts with that certificate, from a proxy that is trusted', async () => {
    expect(await check(behind, await boundToken(), clientCert(ONE))).toBe(200);
  });

  it.each<{ how: string; headers: Headers }>([
    { how: 'without a certificate', headers: {} },
    { how: 'with another certificate', headers: clientCert(OTHER) },
    { how: 'with two certificates', headers: { 'Client-Cert': `:${ONE}:, :${ONE}:` } },
    { how: 'with half a certificate', headers: clientCert(ONE.slice(0, 200)) },
    { how: 'with a certificate in another spelling', headers: { 'Client-Cert': ONE } },
    { how: 'with no certificate at all', headers: { 'Client-Cert': '::' } },
    {
      how: 'with a name in the place of a certificate',
      headers: { 'X-Client-Cert': `:${ONE}:`, 'X-SSL-Client-S-DN': 'CN=gp' },
    },
  ])('is nothing $how', async ({ headers }) => {
    expect(await check(behind, await boundToken(), headers)).toBe(401);
  });

  it('is nothing with a certificate that somebody says they have', async () => {
    const token = await boundToken();
    expect(await check(server(), token, clientCert(ONE))).toBe(401);
    const forwarded = { 'X-Forwarded-For': '10.0.0.1', Forwarded: 'for=10.0.0.1' };
    expect(await check(server(), token, { ...clientCert(ONE), ...forwarded })).toBe(401);
    expect(await check(behind, token, clientCert(ONE))).toBe(200);
  });
});

describe('a client whose tokens are bound to its certificate', () => {
  it('gets none without one that is believed', async () => {
    expect((await ask(behind, {})).body.error).toBe('invalid_grant');
    expect((await ask(server(), clientCert(ONE))).body.error).toBe('invalid_grant');
  });

  it('has no other tokens', async () => {
    expect(await check(behind, await server().token('gp'), clientCert(ONE))).toBe(401);
  });
});
