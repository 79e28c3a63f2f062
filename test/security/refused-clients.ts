import type { ClientKey } from './oauth-client.ts';

const PRIVATE = { kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA', d: 'AA', kid: 'one' };

/** Keys that a client of the tests has: fit for ES384, for RS384, and for neither. */
export type ClientKeys = Readonly<Record<'key' | 'rsa' | 'weak', ClientKey>>;

/** Changes to metadata that is otherwise right, with which nobody is registered. */
export const REFUSED: readonly {
  readonly which: string;
  readonly changes: (keys: ClientKeys) => Record<string, unknown>;
}[] = [
  { which: 'no name', changes: () => ({ client_name: undefined }) },
  { which: 'a name of two lines', changes: () => ({ client_name: 'one\ntwo' }) },
  { which: 'a role that is none', changes: () => ({ role: 'superuser' }) },
  { which: 'the role of a citizen', changes: () => ({ role: 'citizen' }) },
  { which: 'no scope', changes: () => ({ scope: '' }) },
  { which: 'a scope that is none', changes: () => ({ scope: 'akkoord/consent.everything' }) },
  { which: 'a scope beside one that is none', changes: () => ({ scope: 'akkoord/consent.check system/Consent.dus' }) },
  { which: 'what only auditors may', changes: () => ({ scope: 'akkoord/audit.read' }) },
  { which: 'what only admins may', changes: () => ({ scope: 'akkoord/client.manage' }) },
  { which: 'what only citizens may', changes: () => ({ scope: 'patient/Consent.rs' }) },
  { which: 'letters that holders do not have', changes: () => ({ scope: 'system/Consent.cruds' }) },
  { which: 'every type', changes: () => ({ scope: 'system/*.rs' }) },
  { which: 'no keys', changes: () => ({ jwks: undefined }) },
  { which: 'keys in two places', changes: () => ({ jwks_uri: 'https://ehr.example/jwks', hosts: ['ehr.example'] }) },
  { which: 'an empty set of keys', changes: () => ({ jwks: { keys: [] } }) },
  { which: 'a private key', changes: () => ({ jwks: { keys: [PRIVATE] } }) },
  { which: 'a key without a name', changes: ({ key }) => ({ jwks: { keys: [{ ...key.jwk, kid: undefined }] } }) },
  {
    which: 'two keys with one name',
    changes: ({ key, rsa }) => ({ jwks: { keys: [key.jwk, { ...rsa.jwk, kid: key.jwk.kid }] } }),
  },
  { which: 'a key for another algorithm', changes: ({ weak }) => ({ jwks: { keys: [weak.jwk] } }) },
  {
    which: 'a key that is no point of its curve',
    changes: ({ key }) => ({ jwks: { keys: [{ ...key.jwk, x: key.jwk.y }] } }),
  },
  {
    which: 'a key of 2040 bits',
    changes: ({ rsa }) => ({ jwks: { keys: [{ ...rsa.jwk, n: String(rsa.jwk.n).slice(0, 340) }] } }),
  },
  { which: 'a secret as a key', changes: () => ({ jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'one' }] } }) },
  { which: 'keys without TLS', changes: () => byUrl('ftp://ehr.example/jwks') },
  { which: 'keys at a host of somebody else', changes: () => byUrl('https://evil.example/jwks') },
  { which: 'keys at a host that begins alike', changes: () => byUrl('https://ehr.example.evil.example/jwks') },
  { which: 'keys behind a password', changes: () => byUrl('https://user@ehr.example/jwks') },
  { which: 'a host that is an address', changes: () => ({ hosts: ['https://ehr.example/'] }) },
  {
    which: 'both bindings',
    changes: () => ({ dpop_bound_access_tokens: true, tls_client_certificate_bound_access_tokens: true }),
  },
  { which: 'another way to prove itself', changes: () => ({ token_endpoint_auth_method: 'client_secret_basic' }) },
  { which: 'another grant', changes: () => ({ grant_types: ['authorization_code'] }) },
];

function byUrl(url: string): Record<string, unknown> {
  return { jwks: undefined, jwks_uri: url, hosts: ['ehr.example'] };
}
