import type { JWK } from 'jose';
import { z } from 'zod';
import { type AddressFault, readAddress } from '../outbound-address.ts';
import { type Issue, Problem } from '../problem.ts';
import type { ClientRow } from '../storage/client.ts';
import type { ClientRole } from './caller.ts';
import { listOf, usableKeys } from './client-keys.ts';
import { scopesOfRole } from './permissions.ts';
import { parseScopes } from './scopes.ts';

/** What a client is to be registered with. */
export type ClientRequest = Omit<ClientRow, 'id' | 'active'> & { readonly role: ClientRole };

/** A host as it stands in a URL, with its port unless that is the usual one. */
const isHost = (text: string): boolean => URL.canParse(`https://${text}/`) && new URL(`https://${text}/`).host === text;

/** Names of https://www.rfc-editor.org/rfc/rfc7591#section-2 and, from `role` on, our own. What is not named here is ignored. */
const METADATA = z.object({
  client_name: z.string().regex(/^(?!\s)[^\p{Cc}]{1,200}$/u),
  scope: z.string().max(4000),
  jwks: z.looseObject({}).optional(),
  jwks_uri: z.string().max(2000).optional(),
  dpop_bound_access_tokens: z.boolean().default(false),
  tls_client_certificate_bound_access_tokens: z.boolean().default(false),
  grant_types: z.tuple([z.literal('client_credentials')]).optional(),
  token_endpoint_auth_method: z.literal('private_key_jwt').optional(),
  role: z.enum(['holder', 'exchange', 'auditor', 'admin']),
  organization: z
    .string()
    .regex(/^[0-9]{8}$/)
    .optional(),
  hosts: z.array(z.string().max(260).refine(isHost)).max(20).default([]),
});
type Metadata = z.infer<typeof METADATA>;

const ADDRESS_FAULTS: Readonly<Record<AddressFault, string>> = {
  'not-absolute': 'The address of the keys must be an absolute one.',
  'not-https': 'The address of the keys must begin with https:.',
  'host-not-allowed': 'The address of the keys must lie on one of the hosts of the client.',
};

/**
 * Reads the metadata that a client is registered with. Whether its organisation is one that may have clients is not known here.
 * @throws Problem invalid with an issue for each field that is wrong, never with its value
 */
export function readClientMetadata(metadata: unknown, isSandbox: boolean): ClientRequest {
  const read = METADATA.safeParse(metadata);
  if (!read.success) {
    const fields = new Set(read.error.issues.map(({ path }) => path.slice(0, 1).join('')));
    throw invalid(
      [...fields].map((field) => fault(field, `This is not what a client can have as ${field || 'metadata'}.`)),
    );
  }
  const faults = [...keyFaults(read.data, isSandbox), ...scopeFaults(read.data), ...bindingFaults(read.data)];
  if (faults.length > 0) throw invalid(faults);
  return requestOf(read.data);
}

function invalid(issues: readonly Issue[]): Problem {
  const [first = fault('', 'This is no metadata of a client.'), ...more] = issues;
  return new Problem('invalid', [first, ...more]);
}

function fault(field: string, text: string): Issue {
  return { code: 'client-metadata', text, ...(field === '' ? {} : { expression: field }) };
}

function keyFaults({ jwks, jwks_uri: url, hosts }: Metadata, isSandbox: boolean): Issue[] {
  if ((jwks === undefined) === (url === undefined)) {
    return [fault('jwks', 'A client has its keys as jwks or as jwks_uri: one of the two.')];
  }
  if (url !== undefined) {
    const address = readAddress(url, { hosts, isSandbox });
    return typeof address === 'string' ? [fault('jwks_uri', ADDRESS_FAULTS[address])] : [];
  }
  const usable = usableKeys(jwks).length;
  if (usable > 0 && usable === listOf(jwks).length) return [];
  return [
    fault('jwks', 'Keys must be public ones for ES384 or RS384 (2048 bits or more), each with a kid of its own.'),
  ];
}

/** A client is never registered for more than its role may ever do. */
function scopeFaults({ role, scope }: Metadata): Issue[] {
  const words = scope.split(' ').filter((word) => word !== '');
  const most = scopesOfRole(role);
  const isWithin = (word: string): boolean => {
    const grants = [...parseScopes([word])];
    return grants.length > 0 && grants.every((grant) => most.has(grant));
  };
  if (words.length > 0 && words.every(isWithin)) return [];
  return [fault('scope', 'A client is registered for scopes, and for none that its role may never use.')];
}

function bindingFaults(metadata: Metadata): Issue[] {
  const isBoth = metadata.dpop_bound_access_tokens && metadata.tls_client_certificate_bound_access_tokens;
  return isBoth
    ? [fault('dpop_bound_access_tokens', 'Tokens are bound to a key or to a certificate, not to both.')]
    : [];
}

function requestOf(metadata: Metadata): ClientRequest {
  const { client_name: name, role, organization: ura, scope, jwks, jwks_uri: jwksUri, hosts } = metadata;
  const binding = metadata.dpop_bound_access_tokens ? 'dpop' : 'none';
  return {
    name,
    role,
    ...(ura === undefined ? {} : { ura }),
    scopes: [...new Set(scope.split(' ').filter((word) => word !== ''))],
    ...(jwks === undefined ? {} : { jwks: { keys: usableKeys(jwks).map(publicPart) } }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    binding: metadata.tls_client_certificate_bound_access_tokens ? 'mtls' : binding,
    hosts: [...new Set(hosts)],
  };
}

/** Only what verifies signatures is kept. */
function publicPart({ kty, crv, x, y, n, e, kid, alg }: JWK): object {
  const parts = Object.entries({ kty, crv, x, y, n, e, kid, alg }).filter(([, part]) => part !== undefined);
  return { ...Object.fromEntries(parts), use: 'sig' };
}

/** A client as the registry shows it, in the same names. */
export type ClientMetadata = Readonly<Record<string, unknown>> & { readonly client_id: string };

export function writeClientMetadata(client: ClientRow): ClientMetadata {
  const { id, name, role, ura, scopes, jwks, jwksUri, binding, hosts } = client;
  return {
    client_id: id,
    client_name: name,
    role,
    ...(ura === undefined ? {} : { organization: ura }),
    scope: scopes.join(' '),
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
    hosts,
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    dpop_bound_access_tokens: binding === 'dpop',
    tls_client_certificate_bound_access_tokens: binding === 'mtls',
  };
}
