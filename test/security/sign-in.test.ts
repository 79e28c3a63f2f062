import { generateKeyPairSync } from 'node:crypto';
import { freshBsn } from '../http/people.ts';
import { logOf, sessionOf } from '../http/signing-in.ts';
import { CLIENT_ID, CLIENT_SECRET, resigned, type TokenPlan } from './hostile-provider.ts';
import { useHostileSignIn } from './hostile-sign-in.ts';

const hostile = useHostileSignIn();
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
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, bsn, plan);
    const { status, url } = await browser.go(hostile().wayBack(state));
    expect([status, url.pathname]).toEqual([200, '/']);
    expect(await sessionOf(browser)).toMatchObject({ assurance });
    expect(await logOf(hostile().server, bsn)).toEqual([`Session.create 0 ${assurance}`]);
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
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, bsn, { claims: { acr } });
    const { status, text } = await browser.go(hostile().wayBack(state), { 'Accept-Language': 'en' });
    expect([status, text.includes('not signed in')]).toEqual([403, true]);
    expect(await sessionOf(browser)).toBe(401);
    expect(await logOf(hostile().server, bsn)).toEqual(['Session.create 4 assurance-too-low']);
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
    const { browser, state, nonce } = await hostile().begin();
    await hostile().saySigned(nonce, bsn, plan);
    const { status } = await browser.go(hostile().wayBack(state));
    expect([status, await sessionOf(browser)]).toEqual([403, 401]);
    expect(await hostile().lastRefusal()).toBe('Session.create 4 sign-in-refused');
    expect(await logOf(hostile().server, bsn)).toEqual([]);
  });

  it('that is missing opens nothing', async () => {
    const { browser, state } = await hostile().begin();
    hostile().provider.say({ status: 200, body: { access_token: 'opaque', token_type: 'Bearer' } });
    expect((await browser.go(hostile().wayBack(state))).status).toBe(403);
    expect(await sessionOf(browser)).toBe(401);
  });
});

function flipped(payload: string): string {
  const claims = JSON.parse(Buffer.from(payload.slice(1, -1), 'base64url').toString()) as object;
  return `.${Buffer.from(JSON.stringify({ ...claims, bsn: freshBsn() })).toString('base64url')}.`;
}
