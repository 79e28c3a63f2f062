import { receive, type Behaviour } from './receiver.ts';

/** Misbehaves so many times at each notification, then receives it. */
export function after(times: number, behaviour: Behaviour): Behaviour {
  const seen = new Map<string, number>();
  return (arrival, response) => {
    const id = String(arrival.headers['webhook-id']);
    seen.set(id, (seen.get(id) ?? 0) + 1);
    if ((seen.get(id) ?? 0) > times) receive(arrival, response);
    else behaviour(arrival, response);
  };
}

/** Answers with a body that does not end. */
export const endless: (status: number) => Behaviour = (status) => (_arrival, response) => {
  response.writeHead(status);
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(10_000)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};

/** Ways not to receive a notification. */
export const MISBEHAVIOURS: readonly (readonly [string, Behaviour])[] = [
  ['fails', (_arrival, response) => void response.writeHead(500).end()],
  ['refuses', (_arrival, response) => void response.writeHead(404).end('no')],
  ['redirects', (_arrival, response) => void response.writeHead(307, { Location: '/elsewhere' }).end()],
  ['says that nothing changed', (_arrival, response) => void response.writeHead(304).end()],
  ['closes the connection', (_arrival, response) => void response.destroy()],
  ['closes halfway through its headers', (_arrival, { socket }) => void socket?.end('HTTP/1.1 200 OK\r\nX-')],
  ['never answers', () => undefined],
  ['fails without end', endless(500)],
];
