import { randomUUID } from 'node:crypto';
import { findClient, saveClient } from '../../src/storage/client.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { changeClient } from '../http/registered-client.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, useTestServer, type Answer } from '../setup/test-server.ts';
import { type BentToken, bentTokens } from './bent-tokens.ts';
import {
  askToken,
  type AssertionChanges,
  assertionOf,
  type ClientKey,
  newKey,
  type OauthBody,
  post,
  proving,
  registerKey,
} from './oauth-client.ts';
import { serveKeys } from './serve-keys.ts';
import { flipSignature } from './tampered.ts';

const server = useTestServer();
let key: ClientKey;
let rsa: ClientKey;
let stranger: ClientKey;

beforeAll(async () => {
  [key, rsa, stranger] = await Promise.all([newKey(), newKey('RS384'), newKey()]);
  await registerKey(server(), 'gp', key, { jwks: { keys: [key.jwk, rsa.jwk] } });
}, LIMIT_MS);

const now = () => Math.floor(Date.now() / 1000);
const claimsNow = () => ({
  iss: 'gp',
  sub: 'gp',
  aud: `${server().baseUrl}/oauth/token`,
  jti: randomUUID(),
  exp: now() + 120,
});
const sign = (changes: AssertionChanges = {}, by = key) => assertionOf(server(), 'gp', by, changes);

async function tokens(): Promise<number> {
  const { rows } = await server().database.database.query<{ count: number }>('select count(*) from access_token');
  return rows[0]?.count ?? -1;
}

describe('a client assertion is enough', () => {
  it.each<{ which: string; make: () => Promise<string> }>([
    { which: 'as it should be', make: () => sign() },
    { which: 'signed with RS384', make: () => sign({}, rsa) },
    { which: 'meant for the issuer', make: () => sign({ claims: { aud: `${server().baseUrl}/oauth` } }) },
    { which: 'of the type that is its own', make: () => sign({ header: { typ: 'client-authentication+jwt' } }) },
    { which: 'with iat and nbf of this moment', make: () => sign({ claims: { iat: now(), nbf: now() } }) },
    { which: 'that lives almost 300 seconds', make: () => sign({ claims: { exp: now() + 299 } }) },
    { which: 'with its signature flipped, when nobody has used it', make: async () => flipSignature(await sign()) },
  ])('$which', async ({ make }) => {
    const { id, headers } = namedRequest();
    const answer = await askToken(server(), await make(), { headers });
    const given = { token_type: 'Bearer', expires_in: 300, scope: 'akkoord/consent.check' };
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining(given)]);
    expect(answer.body.access_token).toMatch(/^[\w-]{43}$/);
    expect(await logged(server(), id)).toMatchObject([{ interaction: 'Token.issue', outcome: '0', client: 'gp' }]);
  });
});

const NEGATIVES: BentToken[] = [
  ...bentTokens({ typ: 'JWT', claims: claimsNow, own: () => key, stranger: () => stranger, sign }),
  { which: 'brings its key along beside a good signature', make: () => sign({ header: { jwk: key.jwk } }) },
  { which: 'says where its certificate is (x5u)', make: () => sign({ header: { x5u: 'https://evil.example/x5u' } }) },
  { which: 'names no key', make: () => sign({ header: { kid: undefined } }) },
  { which: 'has half a signature', make: async () => (await sign()).slice(0, -64) },
  { which: 'is signed with an algorithm that is not offered', make: async () => sign({}, await newKey('ES256')) },
  { which: 'is signed with RS256', make: async () => sign({}, await newKey('RS256', rsa.jwk.kid)) },
  { which: 'has no iss', make: () => sign({ claims: { iss: undefined } }) },
  { which: 'has no sub', make: () => sign({ claims: { sub: undefined } }) },
  { which: 'has no aud', make: () => sign({ claims: { aud: undefined } }) },
  { which: 'lives longer than 300 seconds', make: () => sign({ claims: { exp: now() + 303 } }) },
  {
    which: 'has an exp that is a text',
    make: () => sign({ claims: { exp: String(now() + 100) } }),
  },
  { which: 'was made in the future (iat)', make: () => sign({ claims: { iat: now() + 60 } }) },
  { which: 'is meant for a list', make: () => sign({ claims: { aud: [`${server().baseUrl}/oauth/token`] } }) },
  { which: 'is meant for another server', make: () => sign({ claims: { aud: 'https://evil.example/oauth/token' } }) },
  { which: 'is meant for another address here', make: () => sign({ claims: { aud: `${server().baseUrl}/fhir` } }) },
  { which: 'is of the type of access tokens', make: () => sign({ header: { typ: 'at+jwt' } }) },
  {
    which: 'asks for something critical',
    make: () => sign({ header: { crit: ['exp'], exp: 1 } }).catch(criticalByHand),
  },
  { which: 'was issued by another client', make: () => sign({ claims: { iss: 'pharmacy' } }) },
  { which: 'is about another client', make: () => sign({ claims: { sub: 'pharmacy' } }) },
  { which: 'is of another client altogether', make: () => assertionOf(server(), 'pharmacy', key) },
  { which: 'is of nobody', make: () => assertionOf(server(), 'dentist', key) },
  { which: 'is of a client with a character that no text may hold', make: () => assertionOf(server(), 'gp\0', key) },
  { which: 'is of a list of clients', make: () => sign({ claims: { sub: ['gp'] } }) },
  { which: 'is a megabyte', make: () => sign({ claims: { extra: 'x'.repeat(700_000) } }) },
  { which: 'is just larger than any needs to be', make: () => sign({ claims: { extra: 'x'.repeat(6_000) } }) },
  { which: 'is no token', make: () => Promise.resolve('assertion') },
  { which: 'is empty', make: () => Promise.resolve('') },
];

/** The library refuses to sign that, so it is written by hand, onto a signature that is good without it. */
async function criticalByHand(): Promise<string> {
  const [, payload = '', signature = ''] = (await sign()).split('.');
  const header = { alg: 'ES384', typ: 'JWT', kid: key.jwk.kid, crit: ['exp'], exp: 1 };
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, signature].join('.');
}

const REFUSED = { error: 'invalid_client', error_description: 'client authentication failed' };

function expectRefusal({ status, body }: Answer<OauthBody>): void {
  expect([status, body]).toEqual([401, REFUSED]);
}

describe('a client assertion is refused that', () => {
  it.each(NEGATIVES)('$which', async ({ make }) => {
    const before = await tokens();
    const { id, headers } = namedRequest();
    expectRefusal(await askToken(server(), await make(), { headers }));
    expect(await tokens()).toBe(before);
    const [record, ...more] = await logged(server(), id);
    expect(more).toEqual([]);
    expect(record).toMatchObject({ interaction: 'Token.issue', outcome: '4' });
    expect(record?.client).toBeFalsy();
  });

  it('names one of two keys with the same name', async () => {
    const twin = await newKey('ES384', key.jwk.kid);
    const undo = await changeClient(server(), 'gp', { jwks: { keys: [key.jwk, twin.jwk] } });
    expectRefusal(await askToken(server(), await sign()));
    await undo();
    expect((await askToken(server(), await sign())).status).toBe(200);
  });

  it('is of a client that was switched off', async () => {
    const undo = await changeClient(server(), 'gp', { active: false });
    expectRefusal(await askToken(server(), await sign()));
    await undo();
  });

  it('is meant for the server that the request says it goes to', async () => {
    const assertion = await sign({ claims: { aud: 'http://evil.example/oauth/token' } });
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' };
    expectRefusal(await askToken(server(), assertion, { headers }));
  });

  it('comes with nothing at the other addresses either', async () => {
    for (const path of ['introspect', 'revoke']) {
      expectRefusal(await post(server(), path, { token: 'x' }));
      expectRefusal(await post(server(), path, { token: 'x', ...proving(await sign({}, stranger)) }));
    }
  });
});

describe('a client assertion counts once', () => {
  it.each([
    { again: 'as it was', change: (assertion: string) => assertion },
    { again: 'with its signature flipped', change: flipSignature },
  ])('and is refused $again', async ({ change }) => {
    const assertion = await sign();
    expect((await askToken(server(), assertion)).status).toBe(200);
    expectRefusal(await askToken(server(), change(assertion)));
  });

  it('also when it is signed anew under the same id, and at another address', async () => {
    const claims = { jti: randomUUID() };
    expect((await askToken(server(), await sign({ claims }))).status).toBe(200);
    expectRefusal(await askToken(server(), await sign({ claims: { ...claims, exp: now() + 60 } })));
    expectRefusal(await post(server(), 'revoke', { token: 'x', ...proving(await sign({ claims })) }));
  });

  it('while the same id of another client is another', async () => {
    const claims = { jti: randomUUID() };
    const undo = await registerKey(server(), 'pharmacy', stranger);
    expect((await askToken(server(), await sign({ claims }))).status).toBe(200);
    expect((await askToken(server(), await assertionOf(server(), 'pharmacy', stranger, { claims }))).status).toBe(200);
    await undo();
  });

  it(
    'of many at the same moment on two servers, exactly one',
    async () => {
      const other = await openTestServer({ beside: server(), publicUrl: server().baseUrl });
      const assertion = await sign();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => askToken(at % 2 === 0 ? server() : other, assertion)),
      );
      await other.close();
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(401)]);
    },
    LIMIT_MS,
  );
});

describe('the keys of a client at an address of its own', () => {
  it('are fetched, also when a new one comes, within its hosts only', async () => {
    const host = await serveKeys({ keys: [rsa.jwk] });
    const at = async (path: string, hosts: string[]) => moveKeys(`${host.address}${path}`, hosts);
    const back = await at('/first', ['127.0.0.1']);
    expect((await askToken(server(), await sign({}, rsa))).status).toBe(200);
    expect((await askToken(server(), await sign({}, rsa))).status).toBe(200);
    expect(host.asked()).toBe(1);
    expectRefusal(await askToken(server(), await sign()));
    await at('/second', ['elsewhere.example']);
    expectRefusal(await askToken(server(), await sign({}, rsa)));
    expect(host.asked()).toBe(1);
    await at('/third', ['127.0.0.1']);
    expect((await askToken(server(), await sign({}, rsa))).status).toBe(200);
    await host.close();
    await at('/fourth', ['127.0.0.1']);
    expectRefusal(await askToken(server(), await sign({}, rsa)));
    await back();
  });
});

/** Registers an address of keys for the practice; returns what undoes it. */
async function moveKeys(jwksUri: string, hosts: string[]): Promise<() => Promise<void>> {
  const { database } = server().server.register;
  const known = await findClient(database, 'gp');
  if (known === undefined) throw new Error('no such client');
  const { jwks, jwksUri: earlier, ...row } = known;
  await saveClient(database, { ...row, jwksUri, hosts });
  return () => saveClient(database, jwks === undefined ? { ...row, jwksUri: earlier ?? '' } : { ...row, jwks });
}
