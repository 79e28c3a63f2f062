import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
import proxyaddr from 'proxy-addr';
import type { Caller } from '../auth/caller.ts';
import { problem } from '../problem.ts';
import { refusedRequests } from './metrics.ts';
import type { Reply, Step } from './step.ts';

const MINUTE = 60_000;
/** Of IPv6 so many bits are one address: who has one has all of them. */
const NETWORK = 56;

/** Counts in whole minutes. Each process counts for itself. */
function openCount(): MemoryStore {
  const store = new MemoryStore();
  store.init({ windowMs: MINUTE } as Options);
  return store;
}

/**
 * Counts what comes from an address and turns out to be of nobody we know; beyond the limit
 * nothing from there is read. What is under way counts until it is known.
 * @param trustedProxies addresses and networks whose word for where a request came from is taken
 */
export function addressLimit(
  limit: number,
  trustedProxies: readonly string[],
  onRefused: (requestId: string) => void,
): Step {
  const store = openCount();
  const isTrusted = proxyaddr.compile([...trustedProxies]);
  return async (request, response) => {
    const network = ipKeyGenerator(proxyaddr(request, isTrusted), NETWORK);
    const { totalHits, resetTime } = await store.increment(network);
    response.locals['uncount'] = () => store.decrement(network);
    if (totalHits <= limit) return;
    onRefused(String(response.locals['requestId']));
    throw tooMany('address', response, limit, resetTime);
  };
}

/** The request turns out to be of somebody we know: it does not count for its address any more. */
export async function noteKnown({ locals }: Reply): Promise<void> {
  await (locals['uncount'] as () => Promise<void>)();
}

/** Counts what a client or citizen asks. The returned promise is refused with a Problem too-many beyond the limit. */
export function callerLimit(limit: number): (response: Reply, caller: Caller) => Promise<void> {
  const store = openCount();
  return async (response, caller) => {
    const key = caller.role === 'citizen' ? caller.patientKey.toString('hex') : caller.clientId;
    const { totalHits, resetTime } = await store.increment(key);
    if (totalHits > limit) throw tooMany('caller', response, limit, resetTime);
  };
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10 */
function tooMany(policy: 'address' | 'caller', response: Reply, limit: number, resetTime: Date | undefined) {
  const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1000));
  response.setHeader('Retry-After', String(seconds));
  response.setHeader('RateLimit-Policy', `"${policy}";q=${limit};w=${MINUTE / 1000}`);
  response.setHeader('RateLimit', `"${policy}";r=0;t=${seconds}`);
  refusedRequests.inc({ reason: `${policy}-rate` });
  return tooManyRequests();
}

/** @returns Problem too-many */
export function tooManyRequests() {
  return problem('too-many', 'too-many-requests', 'There have been too many requests. Try again later.');
}
