import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { logged, namedRequest } from '../http/ledger.ts';
import { KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';
import { askToken, assertionOf, type ClientKey, newKey, post, proving, registerKey } from './oauth-client.ts';
import { rawToken, spoilSignature } from './tampered.ts';

const server = useTestServer();
let client: ClientKey;
let key: ClientKey;
let stranger: ClientKey;
let token = '';

beforeAll(async () => {
  [client, key, stranger] = await Promise.all([newKey(), newKey(), newKey()]);
  await registerKey(server(), 'gp', client, { binding: 'dpop' });
  token = await boundToken();
}, LIMIT_MS);

const now = () => Math.floor(Date.now() / 1000);
const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
const CHECK = '/Consent/$check';

interface Changes {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The key in the header of a proof: only what makes it a key. */
function publicKey({ jwk: { kty, crv, x, y, n, e } }: ClientKey): JWK {
  return Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, part]) => part !== undefined));
}

/** A proof for `$check` with the token, or one with something wrong. */
function prove({ header = {}, claims = {} }: Changes = {}, by = key): Promise<string> {
  const right = { htm: 'POST', htu: `${server().baseUrl}/fhir${CHECK}`, iat: now(), jti: randomUUID() };
  return new SignJWT({ ...right, ath: digest(token), ...claims })
    .setProtectedHeader({ alg: by.alg, typ: 'dpop+jwt', jwk: publicKey(by), ...header })
    .sign(by.privateKey);
}

/** A proof for the token endpoint. */
function proveForToken(claims: Changes['claims'] = {}): Promise<string> {
  return prove({ claims: { htu: `${server().baseUrl}/oauth/token`, ath: undefined, ...claims } });
}

async function ask(headers: Readonly<Record<string, string>>) {
  return askToken(server(), await assertionOf(server(), 'gp', client), { headers });
}

async function boundToken(): Promise<string> {
  const { status, body } = await ask({ DPoP: await proveForToken() });
  expect([status, body.token_type]).toEqual([200, 'DPoP']);
  return body.access_token ?? '';
}

async function check(headers: Readonly<Record<string, string>>, at: TestServer = server()) {
  const { status, headers: answered } = await at.fhir(CHECK, { headers, body: question(KARIM) });
  return { status, challenge: answered.get('www-authenticate') };
}

const withProof = async (proof: string, more: Readonly<Record<string, string>> = {}) =>
  check({ Authorization: `DPoP ${token}`, DPoP: proof, ...more });

const REFUSED = {
  status: 401,
  challenge: 'DPoP realm="akkoord", error="invalid_dpop_proof", algs="ES384 RS384 ES256"',
};

describe('a token that is bound to a key counts', () => {
  it.each<{ which: string; make: () => Promise<string> }>([
    { which: 'with a proof by that key', make: () => prove() },
    { which: 'with another one', make: () => prove() },
    { which: 'with a proof of almost a minute ago', make: () => prove({ claims: { iat: now() - 55 } }) },
    { which: 'whatever the query', make: () => prove({ claims: { htu: `${server().baseUrl}/fhir${CHECK}?x=y` } }) },
  ])('$which', async ({ make }) => {
    expect(await withProof(await make())).toEqual({ status: 200, challenge: null });
  });

  it('and says so to its client', async () => {
    const proof = await assertionOf(server(), 'gp', client);
    const { body } = await post(server(), 'introspect', { token, ...proving(proof) });
    expect(body).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: expect.stringMatching(/^[\w-]{43}$/) as string },
    });
  });
});

describe('a proof is refused that', () => {
  const elsewhere = () => `${server().baseUrl}/fhir/Consent`;
  it.each<{ which: string; make: () => Promise<string> }>([
    { which: 'is by another key', make: () => prove({}, stranger) },
    { which: 'is by another key than it shows', make: () => prove({ header: { jwk: publicKey(key) } }, stranger) },
    { which: 'shows no key', make: () => prove({ header: { jwk: undefined } }) },
    { which: 'shows the private key', make: async () => prove({ header: { jwk: await privateKey() } }) },
    {
      which: 'is not signed',
      make: () => Promise.resolve(rawToken({ alg: 'none', typ: 'dpop+jwt', jwk: publicKey(key) }, {})),
    },
    { which: 'is signed with a secret', make: () => symmetric() },
    { which: 'has a wrong bit in its signature', make: async () => spoilSignature(await prove()) },
    { which: 'is of another type', make: () => prove({ header: { typ: 'JWT' } }) },
    { which: 'has no type', make: () => prove({ header: { typ: undefined } }) },
    { which: 'is for another method', make: () => prove({ claims: { htm: 'GET' } }) },
    { which: 'is for no method', make: () => prove({ claims: { htm: undefined } }) },
    { which: 'is for another address', make: () => prove({ claims: { htu: elsewhere() } }) },
    { which: 'is for another host', make: () => prove({ claims: { htu: `https://evil.example/fhir${CHECK}` } }) },
    { which: 'is for no address', make: () => prove({ claims: { htu: 'Consent' } }) },
    { which: 'is too old', make: () => prove({ claims: { iat: now() - 65 } }) },
    { which: 'is from the future', make: () => prove({ claims: { iat: now() + 65 } }) },
    { which: 'is of no moment', make: () => prove({ claims: { iat: undefined } }) },
    { which: 'has no id', make: () => prove({ claims: { jti: undefined } }) },
    { which: 'has an empty id', make: () => prove({ claims: { jti: '' } }) },
    { which: 'is for no token', make: () => prove({ claims: { ath: undefined } }) },
    { which: 'is for another token', make: () => prove({ claims: { ath: digest('another') } }) },
    { which: 'is none', make: () => Promise.resolve('proof') },
    { which: 'is two', make: async () => `${await prove()}, ${await prove()}` },
    { which: 'is larger than any needs to be', make: () => prove({ claims: { extra: 'x'.repeat(7_000) } }) },
  ])('$which', async ({ make }) => {
    const { id, headers } = namedRequest();
    expect(await withProof(await make(), headers)).toEqual(REFUSED);
    expect(await logged(server(), id)).toMatchObject([{ interaction: 'Consent.check', outcome: '4', client: null }]);
  });

  it('is not there', async () => {
    expect(await check({ Authorization: `DPoP ${token}` })).toEqual(REFUSED);
  });

  it(
    'was used before, here or on another server',
    async () => {
      const other = await openTestServer({ beside: server(), publicUrl: server().baseUrl });
      const proof = await prove();
      const headers = { Authorization: `DPoP ${token}`, DPoP: proof };
      expect((await check(headers)).status).toBe(200);
      expect(await check(headers)).toEqual(REFUSED);
      expect(await check(headers, other)).toEqual(REFUSED);
      const together = { Authorization: `DPoP ${token}`, DPoP: await prove() };
      const answers = await Promise.all([0, 1, 2, 3].map((at) => check(together, at % 2 === 0 ? server() : other)));
      await other.close();
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    },
    LIMIT_MS,
  );
});

function privateKey(): Promise<JWK> {
  return exportJWK(key.privateKey);
}

function symmetric(): Promise<string> {
  const claims = {
    htm: 'POST',
    htu: `${server().baseUrl}/fhir${CHECK}`,
    iat: now(),
    jti: randomUUID(),
    ath: digest(token),
  };
  const jwk = { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA' };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk })
    .sign(Buffer.from(jwk.k, 'base64url'));
}

describe('a token that is bound to a key is nothing', () => {
  const BEARER = { status: 401, challenge: 'Bearer realm="akkoord", error="invalid_token"' };

  it('as a bearer token, with or without a proof', async () => {
    expect(await check({ Authorization: `Bearer ${token}` })).toEqual(BEARER);
    expect(await check({ Authorization: `Bearer ${token}`, DPoP: await prove() })).toEqual(BEARER);
  });

  it('while one that is bound to nothing is nothing with a proof', async () => {
    const undo = await registerKey(server(), 'pharmacy', stranger);
    const plain = (await askToken(server(), await assertionOf(server(), 'pharmacy', stranger))).body.access_token ?? '';
    const proof = await prove({ claims: { ath: digest(plain) } });
    expect(await check({ Authorization: `DPoP ${plain}`, DPoP: proof })).toEqual(REFUSED);
    // It may not ask about this holder, but it is somebody.
    expect(await check({ Authorization: `Bearer ${plain}` })).toMatchObject({ status: 403 });
    await undo();
  });

  it('and a client that is registered so has no other tokens', async () => {
    expect(await check({ Authorization: `Bearer ${await server().token('gp')}` })).toEqual(BEARER);
  });
});

describe('at the token endpoint', () => {
  it('a client whose tokens are bound gets none without a proof, with a wrong one, or with a used one', async () => {
    expect((await ask({})).status).toBe(400);
    expect((await ask({ DPoP: await prove() })).body.error).toBe('invalid_dpop_proof');
    expect((await ask({ DPoP: await proveForToken({ iat: now() - 400 }) })).body.error).toBe('invalid_dpop_proof');
    const proof = await proveForToken();
    expect((await ask({ DPoP: proof })).status).toBe(200);
    expect((await ask({ DPoP: proof })).status).toBe(401);
  });
});
