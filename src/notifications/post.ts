import { callOut } from '../outbound.ts';
import type { Reach, Surroundings } from '../outbound-address.ts';
import { problemOf } from '../problem.ts';

/** Most of an answer that is read, in bytes: more than that is of no use here. */
const MOST_READ = 64 * 1024;

/** A message on its way to a receiver. */
export interface Message {
  readonly endpoint: string;
  /** Lines of the holder's own, `Name: value`. */
  readonly ownHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How far a message may go, and how long it may take, in milliseconds; the signal ends the attempt before that. */
export interface Way extends Reach, Surroundings {
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What became of a message; `refused`: it may not be sent there, and was not. */
export type Posted = 'received' | 'not-received' | 'refused';

/**
 * Posts a message once. Only a 2xx says that it was received, whatever follows it; a redirect does not, and is not followed:
 * it could lead anywhere. Never throws.
 */
export async function post({ endpoint, ownHeaders, headers, body }: Message, way: Way): Promise<Posted> {
  try {
    const all = new Headers(ownHeaders.map(readHeader));
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    const { timeout, signal } = way;
    const call = {
      method: 'POST',
      address: endpoint,
      headers: Object.fromEntries(all),
      body,
      timeout,
      signal,
    } as const;
    const { status } = await callOut({ ...call, mostBytes: MOST_READ }, way);
    return status >= 200 && status < 300 ? 'received' : 'not-received';
  } catch (error) {
    return problemOf(error).issues[0].code === 'address-refused' ? 'refused' : 'not-received';
  }
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
