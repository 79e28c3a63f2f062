import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { createTokenVerifier, type TokenTrust } from '../../src/auth/access-token.ts';
import { keysByUrl, keysByValue } from '../../src/auth/issuer-keys.ts';
import { Problem } from '../../src/problem.ts';
import { KARIM } from '../http/people.ts';
import { type ClientKey, newKey } from '../security/oauth-client.ts';
import { serveKeys } from '../security/serve-keys.ts';

const PSEUDONYM = Buffer.alloc(32, 7);
const TRUST: Omit<TokenTrust, 'keys'> = {
  issuer: 'https://issuer.example',
  audience: 'https://akkoord.example/fhir',
  claims: { client: 'azp', bsn: 'urn:bsn', pseudonym: 'pseudonym', assurance: 'loa' },
  levels: new Set(['digid:20', 'digid:30']),
  pseudonymOf: (bsn) => (bsn === KARIM ? PSEUDONYM : undefined),
};

const now = () => Math.floor(Date.now() / 1000);

function sign(key: ClientKey, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const times = { iat: now(), exp: now() + 60 };
  return new SignJWT({
    iss: TRUST.issuer,
    aud: TRUST.audience,
    jti: randomUUID(),
    scope: 'system/Consent.rs',
    ...times,
    ...claims,
  })
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.jwk.kid ?? '' })
    .sign(key.privateKey);
}

/** What the verifier says, or the kind and the code of its refusal. */
async function verdict(trust: TokenTrust, token: string): Promise<unknown> {
  return createTokenVerifier(trust)(token).then(
    ({ bearer }) => bearer,
    (error: unknown) => (error instanceof Problem ? `${error.kind} ${error.issues[0].code}` : error),
  );
}

describe('a token of an external issuer says who calls by the names of that issuer', () => {
  const bsn = { 'urn:bsn': KARIM, loa: 'digid:20' };
  it.each<{ who: string; claims: Record<string, unknown>; says: unknown }>([
    { who: 'a client', claims: { azp: 'gp', client_id: 'other' }, says: { clientId: 'gp' } },
    { who: 'a citizen, by BSN', claims: bsn, says: { patientKey: PSEUDONYM } },
    { who: 'a citizen, also through a client', claims: { ...bsn, azp: 'gp' }, says: { patientKey: PSEUDONYM } },
    {
      who: 'a citizen, by pseudonym',
      claims: { pseudonym: PSEUDONYM.toString('base64url'), loa: 'digid:30' },
      says: { patientKey: PSEUDONYM },
    },
    { who: 'nobody', claims: {}, says: 'unauthenticated invalid-token' },
    { who: 'a client under another name', claims: { client_id: 'gp' }, says: 'unauthenticated invalid-token' },
    { who: 'a client in a list', claims: { azp: ['gp'] }, says: 'unauthenticated invalid-token' },
    { who: 'a citizen without a level', claims: { 'urn:bsn': KARIM }, says: 'unauthenticated assurance-too-low' },
    { who: 'a citizen at a low level', claims: { ...bsn, loa: 'digid:10' }, says: 'unauthenticated assurance-too-low' },
    {
      who: 'a citizen at a level of another claim',
      claims: { 'urn:bsn': KARIM, acr: 'digid:20' },
      says: 'unauthenticated assurance-too-low',
    },
    {
      who: 'a citizen with a number that is none',
      claims: { ...bsn, 'urn:bsn': '123456789' },
      says: 'unauthenticated invalid-token',
    },
    {
      who: 'a citizen with a number in another form',
      claims: { ...bsn, 'urn:bsn': Number(KARIM) },
      says: 'unauthenticated invalid-token',
    },
    { who: 'whoever a prototype is', claims: { constructor: 'gp' }, says: 'unauthenticated invalid-token' },
  ])('$who', async ({ claims, says }) => {
    const key = await newKey();
    expect(await verdict({ ...TRUST, keys: keysByValue({ keys: [key.jwk] }) }, await sign(key, claims))).toEqual(says);
  });
});

describe('the keys of an external issuer at an address', () => {
  it('are fetched once for many tokens, and of two with one name neither counts', async () => {
    const [one, other, stranger] = await Promise.all([newKey(), newKey(), newKey()]);
    const shown = { keys: [one.jwk, other.jwk] };
    const issuer = await serveKeys(shown);
    const trust = { ...TRUST, keys: keysByUrl(issuer.address) };
    for (const key of [one, other, one]) {
      expect(await verdict(trust, await sign(key, { azp: 'gp' }))).toEqual({ clientId: 'gp' });
    }
    expect(issuer.asked()).toBe(1);
    expect(await verdict(trust, await sign(stranger, { azp: 'gp' }))).toBe('unauthenticated invalid-token');
    shown.keys = [one.jwk, { ...other.jwk, kid: one.jwk.kid ?? '' }];
    const again = { ...TRUST, keys: keysByUrl(issuer.address) };
    expect(await verdict(again, await sign(one, { azp: 'gp' }))).toBe('unauthenticated invalid-token');
    await issuer.close();
  });

  it('make the answer 503 while they cannot be had: it is not the token that is wrong', async () => {
    const key = await newKey();
    const issuer = await serveKeys({ keys: [] });
    await issuer.close();
    const gone = { ...TRUST, keys: keysByUrl(issuer.address) };
    expect(await verdict(gone, await sign(key, { azp: 'gp' }))).toBe('unavailable issuer-keys');
    const strange = await serveKeys({ keys: 'none' });
    const odd = { ...TRUST, keys: keysByUrl(strange.address) };
    expect(await verdict(odd, await sign(key, { azp: 'gp' }))).toBe('unavailable issuer-keys');
    await strange.close();
  });
});
