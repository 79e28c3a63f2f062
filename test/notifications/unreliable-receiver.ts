import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bundle } from '@medplum/fhirtypes';
import { numberOf, type Told, toldIn } from './told.ts';

/** What arrived at one endpoint. */
export interface Heard {
  /** Numbers of events in the order in which each arrived first. */
  readonly order: number[];
  readonly told: Map<number, Told>;
  /** What each event looked like: the same whenever it arrives. */
  readonly looks: Map<number, string>;
  /** Of a repetition that looked different. */
  altered: number;
  arrivals: number;
}

export interface UnreliableReceiver {
  readonly url: string;
  /** By the path of the endpoint. */
  readonly heard: ReadonlyMap<string, Heard>;
  /** How often it answered in which way. */
  readonly answers: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** In so many of a hundred cases it answers 200, else 500, never, or by closing the connection. */
const WAYS: readonly (readonly [name: string, chance: number, answer: (response: ServerResponse) => void])[] = [
  ['200', 60, (response) => void response.writeHead(200).end()],
  ['500', 16, (response) => void response.writeHead(500).end()],
  ['closed', 16, (response) => void response.destroy()],
  ['never', 8, () => undefined],
];

/** Starts a receiver that remembers everything and behaves at random. */
export async function openUnreliableReceiver(): Promise<UnreliableReceiver> {
  const heard = new Map<string, Heard>();
  const answers: Record<string, number> = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const known = heard.get(path) ?? { order: [], told: new Map(), looks: new Map(), altered: 0, arrivals: 0 };
      heard.set(path, known);
      remember(known, `${String(request.headers['webhook-id'])} ${Buffer.concat(chunks).toString('utf8')}`);
      const [name, answer] = wayAt(Math.random() * 100);
      answers[name] = (answers[name] ?? 0) + 1;
      answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answers,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function wayAt(chance: number): readonly [string, (response: ServerResponse) => void] {
  let passed = 0;
  for (const [name, share, answer] of WAYS) {
    passed += share;
    if (chance < passed) return [name, answer];
  }
  return ['never', () => undefined];
}

function remember(known: Heard, message: string): void {
  const bundle = JSON.parse(message.slice(message.indexOf(' ') + 1)) as Bundle;
  const number = numberOf({ bundle });
  const looks = createHash('sha256').update(message).digest('base64');
  known.arrivals += 1;
  if (known.told.has(number)) {
    if (known.looks.get(number) !== looks) known.altered += 1;
    return;
  }
  known.order.push(number);
  known.told.set(number, toldIn({ bundle }));
  known.looks.set(number, looks);
}
