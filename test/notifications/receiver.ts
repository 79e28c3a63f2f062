import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bundle } from '@medplum/fhirtypes';
import { LIMIT_MS } from '../setup/test-database.ts';

/** One notification as it arrived. */
export interface Arrival {
  /** Which subscription it was sent to: the path of its endpoint. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bundle: Bundle;
}

/** How a receiver answers; nothing at all is an answer too. */
export type Behaviour = (arrival: Arrival, response: ServerResponse) => void;

/** A holder's system that listens for notifications. */
export interface Receiver {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  behave(behaviour: Behaviour): void;
  /** Waits until what has arrived is enough, and gives it. @throws Error when it never is */
  until(isEnough: (arrivals: readonly Arrival[]) => boolean): Promise<readonly Arrival[]>;
  close(): Promise<void>;
}

/** Says that it was received. */
export const receive: Behaviour = (_arrival, response) => void response.writeHead(200).end();

/** Starts a receiver on a random port of loopback. */
export async function openReceiver(): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const waiting = new Set<() => void>();
  let behaviour = receive;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const arrival = {
        path: request.url ?? '',
        headers: request.headers,
        body,
        bundle: JSON.parse(body) as Bundle,
      };
      arrivals.push(arrival);
      behaviour(arrival, response);
      for (const look of waiting) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    behave: (next) => (behaviour = next),
    until: (isEnough) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!isEnough(arrivals)) return;
          end();
          resolve([...arrivals]);
        };
        const end = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`what was waited for has not arrived; ${arrivals.length} have`));
        }, LIMIT_MS / 4);
        waiting.add(look);
        look();
      }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
