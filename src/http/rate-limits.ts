import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit, type RateLimitInfo } from 'express-rate-limit';
import type { Caller } from '../auth/caller.ts';
import { problem } from '../problem.ts';
import { refusedRequests } from './metrics.ts';

const MINUTE = 60_000;
/** Of IPv6 so many bits are one address: who has one has all of them. */
const NETWORK = 56;
/** Each process counts for itself; nothing is told of how much is left, because two answers must not differ by it. */
const COUNTED = { windowMs: MINUTE, standardHeaders: false, legacyHeaders: false, validate: false } as const;

/**
 * Counts what comes from an address and turns out to be of nobody we know; beyond the limit
 * nothing from there is read. What is under way counts until it is known.
 */
export function addressLimit(limit: number, onRefused: (requestId: string) => void): RequestHandler {
  const store = new MemoryStore();
  const networkOf = ({ ip = '' }: Request): string => ipKeyGenerator(ip, NETWORK);
  const count = rateLimit({
    ...COUNTED,
    limit,
    store,
    keyGenerator: networkOf,
    handler: (request, response, next) => {
      onRefused(String(response.locals['requestId']));
      next(tooMany('address', request, response, limit));
    },
  });
  return async (request, response, next) => {
    response.locals['uncount'] = () => store.decrement(networkOf(request));
    await count(request, response, next);
  };
}

/** The request turns out to be of somebody we know: it does not count for its address any more. */
export async function noteKnown({ locals }: Response): Promise<void> {
  await (locals['uncount'] as () => Promise<void>)();
}

/** Counts what a client or citizen asks. The returned promise is refused with a Problem too-many beyond the limit. */
export function callerLimit(limit: number): (request: Request, response: Response, caller: Caller) => Promise<void> {
  const count = rateLimit({
    ...COUNTED,
    limit,
    keyGenerator: (_request, response) => String(response.locals['countedAs']),
    handler: (request, response, next) => {
      next(tooMany('caller', request, response, limit));
    },
  });
  return async (request, response, caller) => {
    response.locals['countedAs'] = caller.role === 'citizen' ? caller.patientKey.toString('hex') : caller.clientId;
    await new Promise<void>((resolve, reject) => {
      void count(request, response, (error?: unknown) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  };
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10 */
function tooMany(policy: 'address' | 'caller', request: Request, response: Response, limit: number) {
  const { resetTime } = (request as Request & { readonly rateLimit: RateLimitInfo }).rateLimit;
  const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1000));
  response.set('Retry-After', String(seconds));
  response.set('RateLimit-Policy', `"${policy}";q=${limit};w=${MINUTE / 1000}`);
  response.set('RateLimit', `"${policy}";r=0;t=${seconds}`);
  refusedRequests.inc({ reason: `${policy}-rate` });
  return problem('too-many', 'too-many-requests', 'There have been too many requests. Try again later.');
}
