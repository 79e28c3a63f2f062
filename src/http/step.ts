import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as Node reads it, or Express after it. */
export type Arrived = IncomingMessage & {
  /** Its address, where Express has taken off what is before a router. */
  readonly originalUrl?: string;
  /** The bytes of its body, once they are read. */
  body?: unknown;
};

/** A response, with what the steps of its request tell one another; Express keeps that under the same name. */
export type Reply = ServerResponse & { readonly locals: Record<string, unknown> };

/** Something done with a request. What it throws becomes the answer. */
export type Step = (request: Arrived, response: Reply) => void | Promise<void>;

/** The only value of a header, or its values as one list. */
export function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The path of a request, without its query, as it was sent. */
export function pathOf({ originalUrl, url = '' }: Arrived): string {
  return (originalUrl ?? url).split('?', 1)[0] ?? '';
}
