import { ipKeyGenerator } from 'express-rate-limit';
import proxyaddr from 'proxy-addr';
import type { Caller } from '../auth/caller.ts';
import { problem } from '../problem.ts';
import { refusedRequests } from './metrics.ts';
import type { Reply, Step } from './step.ts';

const MINUTE = 60_000;
/** Of IPv6 so many bits are one address: who has one has all of them. */
const NETWORK = 56;

/**
 * Counts in whole minutes. Each process counts for itself, and at once: a count that is waited for is that of all who wait with it.
 */
class Minute {
  readonly #counts = new Map<string, number>();
  #end = 0;

  /** @returns how often, this time included, and when counting begins anew, by `performance.now` */
  add(key: string): { readonly count: number; readonly end: number } {
    const now = performance.now();
    if (now >= this.#end) {
      this.#counts.clear();
      this.#end = now + MINUTE;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return { count, end: this.#end };
  }

  /** Takes back one time, unless counting has begun anew since. */
  takeBack(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count > 0) this.#counts.set(key, count - 1);
  }
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
  const minute = new Minute();
  const isTrusted = proxyaddr.compile([...trustedProxies]);
  return (request, response) => {
    const network = ipKeyGenerator(proxyaddr(request, isTrusted), NETWORK);
    const { count, end } = minute.add(network);
    response.locals['uncount'] = () => minute.takeBack(network);
    if (count <= limit) return;
    onRefused(String(response.locals['requestId']));
    throw tooMany('address', response, limit, end);
  };
}

/** The request turns out to be of somebody we know: it does not count for its address any more. */
export function noteKnown({ locals }: Reply): void {
  (locals['uncount'] as () => void)();
}

/** Counts what a client or citizen asks. The returned function throws a Problem too-many beyond the limit. */
export function callerLimit(limit: number): (response: Reply, caller: Caller) => void {
  const minute = new Minute();
  return (response, caller) => {
    const key = caller.role === 'citizen' ? caller.patientKey.toString('hex') : caller.clientId;
    const { count, end } = minute.add(key);
    if (count > limit) throw tooMany('caller', response, limit, end);
  };
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10 */
function tooMany(policy: 'address' | 'caller', response: Reply, limit: number, end: number) {
  const seconds = Math.max(1, Math.ceil((end - performance.now()) / 1000));
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
