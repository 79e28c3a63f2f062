import { SignJWT } from 'jose';
import type { AssertionChanges, ClientKey } from './oauth-client.ts';
import { rawToken, spoilSignature } from './tampered.ts';

/** One kind of signed token, as it should be. */
export interface TokenKind {
  readonly typ: string;
  readonly claims: () => Readonly<Record<string, unknown>>;
  /** The key that is believed, and one that nobody knows. */
  readonly own: () => ClientKey;
  readonly stranger: () => ClientKey;
  /** By its own key, when no other is named. */
  readonly sign: (changes?: AssertionChanges, by?: ClientKey) => Promise<string>;
}

/** A token, and what is wrong with it. */
export interface BentToken {
  readonly which: string;
  readonly make: () => Promise<string>;
}

const PATH_AND_STATEMENT = "../../../dev/null' or '1'='1";
const now = () => Math.floor(Date.now() / 1000);

/** What is wrong with a token whatever it is for: its key, its signature, its time, its form. */
export function bentTokens({ typ, claims, own, stranger, sign }: TokenKind): BentToken[] {
  /** HS384, with the public key as the secret: https://www.rfc-editor.org/rfc/rfc8725#section-2.1 */
  const confused = () => {
    const secret = new TextEncoder().encode(JSON.stringify(own().jwk));
    return new SignJWT(claims()).setProtectedHeader({ alg: 'HS384', typ, kid: own().jwk.kid ?? '' }).sign(secret);
  };
  const withHeader = (header: AssertionChanges['header'] = {}, by?: ClientKey) => sign({ header }, by);
  const claiming = (changed: AssertionChanges['claims'] = {}) => sign({ claims: changed });
  return [
    { which: 'is not signed (alg none)', make: () => Promise.resolve(rawToken({ alg: 'none', typ }, claims())) },
    { which: 'is signed with the public key as a secret', make: confused },
    { which: 'brings its key along (jwk)', make: () => withHeader({ jwk: stranger().jwk }, stranger()) },
    { which: 'says where its key is (jku)', make: () => withHeader({ jku: 'https://evil.example/jwks' }, stranger()) },
    {
      which: 'is signed by another key under the same name',
      make: () => withHeader({ kid: own().jwk.kid }, stranger()),
    },
    { which: 'names a key that nobody knows', make: () => sign({}, stranger()) },
    { which: 'names a key by a path and a statement', make: () => withHeader({ kid: PATH_AND_STATEMENT }) },
    { which: 'has a wrong bit in its signature', make: async () => spoilSignature(await sign()) },
    { which: 'is a proof by its type', make: () => withHeader({ typ: 'dpop+jwt' }) },
    { which: 'has no type', make: () => withHeader({ typ: undefined }) },
    { which: 'has no exp', make: () => claiming({ exp: undefined }) },
    { which: 'has no jti', make: () => claiming({ jti: undefined }) },
    { which: 'has an empty jti', make: () => claiming({ jti: '' }) },
    { which: 'lives ten years', make: () => claiming({ exp: now() + 315_576_000 }) },
    { which: 'ended a second ago', make: () => claiming({ iat: now() - 100, exp: now() - 1 }) },
    { which: 'does not count yet (nbf)', make: () => claiming({ nbf: now() + 60 }) },
    { which: 'has four parts', make: async () => `${await sign()}.e30` },
    { which: 'holds no JSON', make: () => Promise.resolve('eyJhbGciOiJFUzM4NCJ9.bm90IGpzb24.AAAA') },
  ];
}
