import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

interface Result {
  readonly requests: number;
  readonly errors: number;
  readonly looked: number;
  readonly wrong: number;
  readonly p50: number;
}

const CITIZENS = Array.from({ length: 20 }, (_, at) => ({ bsn: `9999000${10 + at}`, kind: 0 }));
const MATERIAL = { citizens: CITIZENS, pairs: [['00000659', '00014332']], decisions: [['deny']] };

const saying = (decision: string): string =>
  JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'decision', valueCode: decision }] });

let generator: ChildProcess;
let server: Server | undefined;

beforeAll(() => {
  generator = fork(fileURLToPath(new URL('load/generator.js', import.meta.url)), [], { execArgv: [] });
  generator.send({ material: MATERIAL });
});

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

afterAll(() => {
  generator.kill();
});

/** What is measured of a server that answers like this. */
async function measured(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  order: object = {},
): Promise<Result> {
  server = createServer((request, response) => {
    request.resume().once('end', () => answer(response, request));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const deck = { deck: 'check', path: '/' };
  const addresses = [{ host: '127.0.0.1', port }];
  generator.send({ order: { addresses, deck, connections: 2, seconds: 0.2, ...order } });
  const [{ result }] = (await once(generator, 'message')) as [{ result: Result }];
  return result;
}

describe('the load of the benchmark', () => {
  it('counts answers that say what they should as no errors', async () => {
    const result = await measured((response) => response.end(saying('deny')));
    expect(result).toMatchObject({ errors: 0, wrong: 0 });
    expect(result.looked).toBeGreaterThan(0);
  });

  it('counts an answer that says another decision as an error', async () => {
    const { errors, wrong } = await measured((response) => response.end(saying('permit')));
    expect(wrong).toBeGreaterThan(0);
    expect(errors).toBe(wrong);
  });

  it('counts an answer other than 200 as an error', async () => {
    const { errors, requests } = await measured((response) => response.writeHead(503).end(saying('deny')));
    expect(requests).toBeGreaterThan(0);
    expect(errors).toBe(requests);
  });

  it('counts a connection that is lost as an error', async () => {
    const { errors } = await measured((response) => response.destroy());
    expect(errors).toBe(2);
  });

  it('finds the end of an answer that comes in parts and has no length', async () => {
    const result = await measured((response) => {
      response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).write(saying('deny').slice(0, 9));
      setImmediate(() => response.end(saying('deny').slice(9)));
    });
    expect(result.errors - result.wrong).toBe(0);
    expect(result.requests).toBeGreaterThan(2);
  });

  it('counts time from when a request should have been sent, also when no connection is free', async () => {
    const slow = (response: ServerResponse): void => void setTimeout(() => response.end(saying('deny')), 20);
    const { requests, p50 } = await measured(slow, { rate: 100, connections: 1 });
    expect(requests).toBe(20);
    // The last of 20 waits for 20 answers of 20 ms each, and has been due for half of that time.
    expect(p50).toBeGreaterThan(60);
  });
});
