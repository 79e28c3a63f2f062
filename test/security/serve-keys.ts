import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A host of this machine that shows this at every path, as it is when it is asked, and counts how often that was. */
export async function serveKeys(shown: object) {
  let asked = 0;
  const host = createServer((_request, response) => {
    asked += 1;
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(shown));
  }).listen(0, '127.0.0.1');
  await once(host, 'listening');
  const { port } = host.address() as AddressInfo;
  const close = async () => {
    host.close();
    host.closeAllConnections();
    await once(host, 'close');
  };
  return { address: `http://127.0.0.1:${port}`, asked: () => asked, close };
}
