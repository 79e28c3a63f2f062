import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A listener of this machine that counts who comes, whatever they say. */
export interface Listener {
  readonly port: number;
  readonly connections: () => number;
  /** Bytes that it has got rid of. */
  readonly written: () => number;
  close(): Promise<void>;
}

/** What a listener does once it was asked something; nothing is an answer too. */
export type Manner = (socket: Socket) => void;

/** Listens on an address of loopback: a port of its own, or one that is named. */
export async function openListener(manner: Manner = () => undefined, host = '127.0.0.1', port = 0): Promise<Listener> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => manner(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    written: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Says something first, and then the same thing for as long as anybody listens. */
export const floodOf =
  (first: string, more: string): Manner =>
  (socket) => {
    socket.write(first);
    const flood = () => {
      while (!socket.destroyed && socket.write(more));
    };
    socket.on('drain', flood);
    flood();
  };

/** Says something first, and then one letter at a time. */
export const dripOf =
  (first: string, letter: string): Manner =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(letter), 50);
    socket.once('close', () => clearInterval(timer));
  };
