import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DoorTimes } from './door-limits.ts';

/** Longest request line and headers together, in bytes. */
const LONGEST_HEAD = 16 * 1024;
/** How often sockets that are late are looked for, in milliseconds, at least. */
const LOOK_ROUND = 1000;

/**
 * The HTTP server in front of the stack, not listening yet. No socket waits for ever: not for its headers, not between two
 * requests, not for a reader. A body that is read as a whole has its own deadline, and a migration may take hours to arrive,
 * so there is none for a whole request.
 */
export function openListener(listener: RequestListener, times: DoorTimes): Server {
  const server = createServer(
    {
      headersTimeout: times.headers,
      requestTimeout: 0,
      keepAliveTimeout: times.keepAlive,
      connectionsCheckingInterval: Math.min(LOOK_ROUND, times.headers),
      maxHeaderSize: LONGEST_HEAD,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    listener,
  );
  server.timeout = times.idle;
  server.on('connect', refuseTunnel);
  return server;
}

/** Nobody is connected through to anything: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
function refuseTunnel(_request: unknown, socket: Duplex): void {
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow:\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
