import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to connections: one of those could take the port while nobody listens at it, or meet itself. */
const [FIRST, COUNT] = [15_000, 15_000];

/** A port that stays free while whoever had it is killed and started again. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
