import { Resolver } from 'node:dns/promises';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { isWithinReach, type Reach, readAddress, type Surroundings } from './outbound-address.ts';
import { problem } from './problem.ts';

/** A request to an address that somebody gave us. */
export interface OutboundCall {
  readonly method: 'GET' | 'POST';
  readonly address: string;
  /** None of those that say where a message goes or ends (`Host`, `Content-Length`, `Transfer-Encoding`, `Connection`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it, from the name to the last byte of the answer, in milliseconds. */
  readonly timeout: number;
  /** Most of a body that is read, in bytes. */
  readonly mostBytes: number;
  /** Ends the call before its time. */
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  readonly status: number;
  /** Absent when it did not arrive whole, within the limits. */
  readonly body?: Buffer;
}

/** The IP addresses of a name; rejects when there are none, and when the signal says so. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Until the connection stands, name and TLS included, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;
/** Status line and headers of an answer, in bytes. */
const MOST_HEADERS = 16 * 1024;
/** Answers before the answer (1xx), which have a size but no number. */
const MOST_INTERIM = 8;
/** How long a connection is kept for the next call, in milliseconds. */
const IDLE = 15_000;
/** Of one question to a name server, in milliseconds, and how often it is asked. */
const NAME_SERVER = { timeout: 1_500, tries: 2 };

// Agents of our own: the global ones may be told by the environment to go through a proxy, which would resolve names itself.
const AGENT = { keepAlive: true, timeout: IDLE };
const HTTP_AGENT = new HttpAgent(AGENT);
const HTTPS_AGENT = new HttpsAgent({ ...AGENT, minVersion: 'TLSv1.2', rejectUnauthorized: true });

/**
 * The one way in which the server calls an address that it was given. The address must be within reach, the name is resolved
 * once, every address that comes of it must be within reach, and the connection goes to these and nowhere else. Redirects
 * are answers like any other, nobody goes there.
 * https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
 * @throws Problem unavailable: `address-refused` when nothing may be sent there, `call-failed` when no answer came in time
 */
export async function callOut(
  call: OutboundCall,
  reach: Reach & Surroundings,
  resolve: Resolve = resolveName,
): Promise<OutboundAnswer> {
  const url = readAddress(call.address, reach);
  if (typeof url === 'string') throw refused();
  const ending = new AbortController();
  const end = () => ending.abort();
  const deadline = setTimeout(end, call.timeout);
  const connecting = setTimeout(end, Math.min(call.timeout, CONNECT_TIMEOUT));
  call.signal?.addEventListener('abort', end, { once: true });
  if (call.signal?.aborted === true) end();
  try {
    const addresses = await addressesOf(url, reach, resolve, ending.signal);
    return await exchange(call, url, addresses, { signal: ending.signal, connected: () => clearTimeout(connecting) });
  } finally {
    clearTimeout(deadline);
    clearTimeout(connecting);
    call.signal?.removeEventListener('abort', end);
  }
}

async function addressesOf(
  { hostname }: URL,
  surroundings: Surroundings,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const name = hostname.replaceAll(/[[\]]/g, '');
  const addresses = isIP(name) > 0 ? [name] : await resolve(name, signal).catch(failed);
  if (addresses.length === 0 || !addresses.every((address) => isWithinReach(address, surroundings))) throw refused();
  return addresses;
}

/** Asks the name servers, not the hosts file; the names of this machine need no asking (RFC 6761, section 6.3). */
async function resolveName(name: string, signal: AbortSignal): Promise<readonly string[]> {
  if (/(?:^|\.)localhost$/.test(name)) return ['127.0.0.1', '::1'];
  const resolver = new Resolver(NAME_SERVER);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  signal.removeEventListener('abort', cancel);
  signal.throwIfAborted();
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

interface Under {
  readonly signal: AbortSignal;
  readonly connected: () => void;
}

function exchange(
  { method, headers, body, mostBytes }: OutboundCall,
  url: URL,
  addresses: readonly string[],
  { signal, connected }: Under,
): Promise<OutboundAnswer> {
  const isTls = url.protocol === 'https:';
  const options: RequestOptions = {
    method,
    headers: { 'User-Agent': 'akkoord', ...headers },
    agent: isTls ? HTTPS_AGENT : HTTP_AGENT,
    lookup: lookupIn(addresses),
    maxHeaderSize: MOST_HEADERS,
    insecureHTTPParser: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestHttps : requestHttp)(url, options);
    request.once('socket', (socket) => onceConnected(socket, isTls, connected));
    request.once('response', (response) => resolve(answerOf(response, mostBytes)));
    let interim = 0;
    request.on('information', () => {
      interim += 1;
      if (interim > MOST_INTERIM) request.destroy();
    });
    request.on('error', (error) => reject(callFailed(error)));
    // Also when a server begins to speak another protocol, which is no error to the client.
    request.once('close', () => reject(callFailed()));
    request.end(body);
  });
}

function onceConnected(socket: Socket, isTls: boolean, connected: () => void): void {
  if (socket.connecting) socket.once(isTls ? 'secureConnect' : 'connect', connected);
  else connected();
}

/** What the connection asks instead of the name servers: the addresses that were looked at, and no others. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first = { address: '', family: 0 }] = known;
  return (_name, { all }, answer) => {
    if (all === true) answer(null, known);
    else answer(null, first.address, first.family);
  };
}

async function answerOf(response: IncomingMessage, mostBytes: number): Promise<OutboundAnswer> {
  const status = response.statusCode ?? 0;
  const body = await readWhole(response, mostBytes).catch(() => undefined);
  return body === undefined ? { status } : { status, body };
}

/** Who leaves the loop ends the connection with it. */
async function readWhole(response: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return response.complete ? Buffer.concat(chunks) : undefined;
}

function failed(cause: unknown): never {
  throw callFailed(cause);
}

function callFailed(cause?: unknown) {
  return problem('unavailable', 'call-failed', 'An address that had to be called gave no answer.', undefined, cause);
}

function refused() {
  return problem('unavailable', 'address-refused', 'An address that had to be called may not be called.');
}
