import type { RequestListener } from 'node:http';
import { startRequest } from '../trace.ts';
import { methodOf, targetOf } from './metrics.ts';
import type { Reply } from './step.ts';

/** Gives each request a span of its own, until it has its answer or its sender has gone, if there is anybody to tell of it. */
export function traceRequests(listener: RequestListener): RequestListener {
  return (request, response) => {
    const span = startRequest(methodOf(request), request.headers);
    if (span !== undefined) {
      const reply: Reply = Object.assign(response, { locals: {} });
      reply.once('close', () => span.end(targetOf(reply), reply.statusCode));
      span.within(() => listener(request, reply));
    } else {
      listener(request, response);
    }
  };
}
