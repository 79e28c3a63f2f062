import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';
import type { Log } from '../log.ts';
import type { ClientRow } from '../storage/client.ts';

/** Fetches what an address that is a client's own holds, within the hosts of that client. */
export type FetchForClient = (client: ClientRow, url: string) => Promise<string>;

/** The public keys of a client, for the key id that its assertion names. */
export type FindClientKeys = (client: ClientRow, keyId: string | undefined) => Promise<JWK[]>;

/** How long fetched keys are believed: a key that was withdrawn counts no longer than this. Milliseconds. */
const LIFE = 60_000;
/** How long after a fetch the same address is left alone, whatever key is asked for. Milliseconds. */
const PAUSE = 5_000;
const MOST_KEYS = 20;
/** Bits. */
const LEAST_MODULUS = 2048;
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

interface Fetched {
  readonly url: string;
  readonly at: number;
  readonly keys: JWK[];
}

/** Keys by value come from the registry, those by URL are fetched: when they have become old, or when one is not among them. */
export function clientKeys(fetchFor: FetchForClient, log: Log): FindClientKeys {
  const fetched = new Map<string, Promise<Fetched>>();
  const fetchKeys = async (client: ClientRow, url: string): Promise<Fetched> => {
    const text = await fetchFor(client, url).catch(() => {
      log.warn('the keys of a client cannot be fetched', { client: client.id });
      return '';
    });
    return { url, at: Date.now(), keys: usableKeys(parsed(text)) };
  };
  return async (client, keyId) => {
    const { jwks, jwksUri: url } = client;
    if (url === undefined) return usableKeys(jwks);
    const known = await fetched.get(client.id);
    if (known?.url === url && isFresh(known, keyId)) return known.keys;
    const again = fetchKeys(client, url);
    fetched.set(client.id, again);
    return (await again).keys;
  };
}

function isFresh({ at, keys }: Fetched, keyId: string | undefined): boolean {
  const age = Date.now() - at;
  return age < PAUSE || (age < LIFE && keys.some(({ kid }) => kid === keyId));
}

/**
 * The keys of a set that may verify something of SMART Backend Services: EC on P-384 and RSA, public, each under a name of its
 * own. Of two with one name nobody can say which is meant, so neither counts.
 */
export function usableKeys(jwks: unknown): JWK[] {
  const keys = listOf(jwks).filter(isUsable);
  return keys.filter(({ kid }) => keys.filter((other) => other.kid === kid).length === 1);
}

function isUsable(key: JWK): boolean {
  if (typeof key.kid !== 'string' || key.kid === '' || PRIVATE_PARTS.some((part) => part in key)) return false;
  if (key.use !== undefined && key.use !== 'sig') return false;
  const isOfAlgorithm = (alg: string) => key.alg === undefined || key.alg === alg;
  if (key.kty === 'RSA') return isOfAlgorithm('RS384') && modulusLength(key) >= LEAST_MODULUS;
  return key.kty === 'EC' && key.crv === 'P-384' && isOfAlgorithm('ES384') && modulusLength(key) === 0;
}

/** Bits of an RSA key, 0 for another; -1 for what is no key at all. */
function modulusLength(key: JWK): number {
  try {
    return createPublicKey({ key: { ...key }, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return -1;
  }
}

/** The members of a JSON Web Key Set (RFC 7517), or none. */
export function listOf(jwks: unknown): JWK[] {
  const { keys } = (jwks ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys) || keys.length > MOST_KEYS) return [];
  return keys.filter((key): key is JWK => typeof key === 'object' && key !== null);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
