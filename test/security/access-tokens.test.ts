import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { SANDBOX_AUDIENCE, SANDBOX_ISSUER } from '../../src/sandbox/issue-token.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { rawRequest } from '../http/raw-request.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { type BentToken, bentTokens } from './bent-tokens.ts';
import { type AssertionChanges, type ClientKey, newKey } from './oauth-client.ts';
import { flipSignature } from './tampered.ts';

const server = useTestServer();
let issuer: ClientKey;
let stranger: ClientKey;

beforeAll(async () => {
  const { tokenKey } = await openSandboxKeys(server().dataDir);
  const { d, ...jwk } = tokenKey;
  expect(d).toBeDefined();
  issuer = { privateKey: (await importJWK(tokenKey, 'ES384')) as CryptoKey, jwk, alg: 'ES384' };
  stranger = await newKey();
}, LIMIT_MS);

const now = () => Math.floor(Date.now() / 1000);

function claimsNow(): Record<string, unknown> {
  const times = { iat: now(), exp: now() + 300 };
  const scope = 'akkoord/consent.check';
  return { iss: SANDBOX_ISSUER, aud: SANDBOX_AUDIENCE, sub: 'gp', client_id: 'gp', jti: randomUUID(), scope, ...times };
}

/** A token of the issuer that this server believes, or one with something wrong. */
function sign({ header = {}, claims = {} }: AssertionChanges = {}, by = issuer): Promise<string> {
  return new SignJWT({ ...claimsNow(), ...claims })
    .setProtectedHeader({ alg: by.alg, typ: 'at+jwt', kid: by.jwk.kid ?? '', ...header })
    .sign(by.privateKey);
}

const citizen = { client_id: undefined, akkoord_citizen: '', acr: 'http://eidas.europa.eu/LoA/substantial' };
const karim = () => server().server.register.vault.keyOf(KARIM).toString('base64url');

async function check(authorization: string, headers: Readonly<Record<string, string>> = {}) {
  const call = { headers: { ...headers, Authorization: authorization }, body: question(KARIM) };
  const { status, headers: answered } = await server().fhir('/Consent/$check', call);
  return { status, challenge: answered.get('www-authenticate') };
}

describe('an access token of the issuer is enough', () => {
  it.each<{ which: string; make: () => Promise<string> }>([
    { which: 'as it should be', make: () => sign() },
    { which: 'that is used again: it is the bearer’s', make: () => sign({ claims: { jti: 'one' } }) },
    { which: 'with the other signature of its key', make: async () => flipSignature(await sign()) },
    { which: 'of an hour', make: () => sign({ claims: { exp: now() + 3600 } }) },
    { which: 'of a citizen', make: () => sign({ claims: { ...citizen, akkoord_citizen: karim() } }) },
    {
      which: 'of a citizen who is known even better',
      make: () => sign({ claims: { ...citizen, akkoord_citizen: karim(), acr: 'http://eidas.europa.eu/LoA/high' } }),
    },
  ])('$which', async ({ make }) => {
    expect(await check(`Bearer ${await make()}`)).toEqual({ status: 200, challenge: null });
  });
});

const NEGATIVES: BentToken[] = [
  ...bentTokens({ typ: 'at+jwt', claims: claimsNow, own: () => issuer, stranger: () => stranger, sign }),
  { which: 'has no iat', make: () => sign({ claims: { iat: undefined } }) },
  { which: 'has no scope', make: () => sign({ claims: { scope: undefined } }) },
  { which: 'has scopes in a list', make: () => sign({ claims: { scope: ['akkoord/consent.check'] } }) },
  { which: 'is nobody’s', make: () => sign({ claims: { client_id: undefined } }) },
  { which: 'lives longer than an hour', make: () => sign({ claims: { exp: now() + 3605 } }) },
  { which: 'was made in the future (iat)', make: () => sign({ claims: { iat: now() + 60, exp: now() + 120 } }) },
  { which: 'is meant for a list', make: () => sign({ claims: { aud: [SANDBOX_AUDIENCE] } }) },
  { which: 'is meant for somebody else', make: () => sign({ claims: { aud: 'https://evil.example/fhir' } }) },
  { which: 'is of another issuer', make: () => sign({ claims: { iss: 'https://evil.example' } }) },
  { which: 'is an id token by its type', make: () => sign({ header: { typ: 'JWT' } }) },
  { which: 'asks for something critical', make: () => critical() },
  { which: 'is of a client that is not registered', make: () => sign({ claims: { client_id: 'dentist' } }) },
  { which: 'is bound in a way that nobody knows', make: () => sign({ claims: { cnf: { kid: 'x' } } }) },
  { which: 'is bound to nothing', make: () => sign({ claims: { cnf: {} } }) },
  {
    which: 'is of a citizen of whom nothing is said',
    make: () => sign({ claims: { ...citizen, akkoord_citizen: karim(), acr: undefined } }),
  },
  {
    which: 'is of a citizen who is hardly known',
    make: () => sign({ claims: { ...citizen, akkoord_citizen: karim(), acr: 'http://eidas.europa.eu/LoA/low' } }),
  },
  {
    which: 'is of a citizen at a list of levels',
    make: () => sign({ claims: { ...citizen, akkoord_citizen: karim(), acr: [citizen.acr] } }),
  },
  { which: 'is of a citizen who has no name', make: () => sign({ claims: citizen }) },
  {
    which: 'is of a citizen whose name is too short',
    make: () => sign({ claims: { ...citizen, akkoord_citizen: 'AAAA' } }),
  },
  { which: 'was given out by nobody', make: () => Promise.resolve('aNcWO8YQkhLaTovYznJCk-ATX7lLMP8hop9y0i5Xd3k') },
  { which: 'is a digest in hexadecimals', make: () => Promise.resolve('ab'.repeat(32)) },
];

async function critical(): Promise<string> {
  const [, payload = '', signature = ''] = (await sign()).split('.');
  const header = { alg: 'ES384', typ: 'at+jwt', kid: issuer.jwk.kid, crit: ['b64'], b64: true };
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, signature].join('.');
}

describe('an access token is refused that', () => {
  it.each(NEGATIVES)('$which', async ({ make }) => {
    const { id, headers } = namedRequest();
    const refusal = { status: 401, challenge: 'Bearer realm="akkoord", error="invalid_token"' };
    expect(await check(`Bearer ${await make()}`, headers)).toEqual(refusal);
    expect(await logged(server(), id)).toMatchObject([{ interaction: 'Consent.check', outcome: '4', client: null }]);
  });

  it.each([
    { which: 'is not there', authorization: '' },
    { which: 'comes by another scheme', authorization: 'Basic Z3A6Z3A=' },
    { which: 'is longer than any', authorization: `Bearer ${'a'.repeat(9_000)}` },
    { which: 'comes twice', authorization: 'Bearer one, Bearer two' },
  ])('$which, and is told how to bring one', async ({ authorization }) => {
    const challenge = 'Bearer realm="akkoord", DPoP realm="akkoord", algs="ES384 RS384 ES256"';
    expect(await check(authorization)).toEqual({ status: 401, challenge });
  });

  it('stands in the address or in the body', async () => {
    const token = await sign();
    expect((await server().fhir(`/Organization?access_token=${token}`)).status).toBe(401);
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = `access_token=${token}`;
    expect((await server().fhir('/Organization/_search', { method: 'POST', headers: form, body })).status).toBe(401);
  });

  it('is a megabyte: the parser of headers ends the request before there is a token', async () => {
    const headers = { Authorization: `Bearer ${'a'.repeat(1_000_000)}` };
    // Who goes on writing may be cut off before the answer is read.
    const cutOff = () => ({ status: 431 });
    const { status } = await rawRequest(server().baseUrl, '/fhir/Organization', { headers }).catch(cutOff);
    expect(status).toBe(431);
  });
});
