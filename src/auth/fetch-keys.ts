import { callOut } from '../outbound.ts';
import type { Surroundings } from '../outbound-address.ts';
import type { FetchForClient } from './client-keys.ts';

/** Milliseconds. */
const PATIENCE = 3_000;
const MOST_BYTES = 64 * 1024;

/** Fetches keys within the reach of a client: from its own hosts, and without TLS only in the sandbox. */
export function fetchForClients(surroundings: Surroundings): FetchForClient {
  return async ({ hosts }, address) => {
    const headers = { Accept: 'application/json' };
    const call = { method: 'GET', address, headers, timeout: PATIENCE, mostBytes: MOST_BYTES } as const;
    const { status, body } = await callOut(call, { hosts, ...surroundings });
    if (status !== 200 || body === undefined) throw new Error('the keys are not at their address');
    return body.toString('utf8');
  };
}
