import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { verdict } from '../http/answers.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { useTestServer } from '../setup/test-server.ts';
import { answersIn, lines, overTheWire, type WireAnswer } from './raw-socket.ts';

/** Short, so that what takes too long does so soon. In milliseconds. */
const TIMES = { headers: 1000, body: 1000, idle: 1500, keepAlive: 1000 };
/** Long enough for any of them, with a busy machine. */
const PATIENCE = 20_000;
const server = useTestServer({ door: { times: TIMES, work: { streams: 3 } } });

const check = () => server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM) });
const wire = async (text: string): Promise<WireAnswer[]> =>
  answersIn(await overTheWire(server().baseUrl, text, PATIENCE));
const authorized = async (as: string) => `Authorization: Bearer ${await server().token(as)}`;

function open(): Socket {
  const { hostname, port } = new URL(server().baseUrl);
  return connect(Number(port), hostname).on('error', () => undefined);
}

/** However it is closed: what was still on its way to a server that reads no more resets it. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

/** What the server says until it closes the connection, while one byte more is sent every tenth of a second. */
async function trickled(first: string, more: string): Promise<WireAnswer[]> {
  const socket = open();
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.write(first);
  let at = 0;
  const timer = setInterval(() => socket.write(more.charAt(at++ % more.length)), 100);
  await closed(socket);
  clearInterval(timer);
  return answersIn(Buffer.concat(received).toString('latin1'));
}

describe('a socket is closed', () => {
  it('on which nothing is said', async () => {
    const socket = open();
    socket.resume();
    await closed(socket);
  });

  it('whose headers come a byte at a time, with 408', async () => {
    const answers = await trickled('GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'a');
    expect(answers.map(({ status }) => status)).toEqual([408]);
  });

  it('that is kept for another request which does not come', async () => {
    const answers = await wire(lines('GET /fhir/metadata HTTP/1.1', 'Host: x', ''));
    expect(answers.map(({ status }) => status)).toEqual([200]);
    expect(answers[0]?.head).toMatch(/^Connection: keep-alive$/im);
  });

  it('whose reader does not read: the rest is not waited with', async () => {
    const count = 1500;
    const request = lines('GET /fhir/metadata HTTP/1.1', 'Host: x', '');
    const all = await wire(
      request.repeat(count - 1) + lines('GET /fhir/metadata HTTP/1.1', 'Host: x', 'Connection: close', ''),
    );
    expect(all).toHaveLength(count);
    const socket = open();
    socket.pause().write(request.repeat(count));
    await new Promise((resolve) => setTimeout(resolve, 4 * TIMES.idle));
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk)).resume();
    await closed(socket);
    expect(answersIn(Buffer.concat(received).toString('latin1')).length).toBeLessThan(count);
  });
});

describe('a body', () => {
  const head = async (id: string, ...more: readonly string[]) =>
    lines(
      'POST /fhir/Consent/$check HTTP/1.1',
      'Host: x',
      await authorized('gp'),
      'Content-Type: application/fhir+json',
      `X-Request-Id: ${id}`,
      ...more,
      '',
    );

  it.each([
    ['of a length', 'Content-Length: 1000', ' '],
    ['in chunks', 'Transfer-Encoding: chunked', '1\r\n \r\n'],
  ])(
    '%s that comes a byte at a time is answered with 408, recorded, and its socket closed',
    async (_, framing, more) => {
      const { id } = namedRequest();
      const [answer, ...others] = await trickled(await head(id, framing), more);
      expect([answer?.status, others]).toEqual([408, []]);
      expect(answer?.body).toContain('body-too-slow');
      expect(
        (await logged(server(), id)).map(({ outcome, client, detail }) => [outcome, client, detail.problem]),
      ).toEqual([['4', 'gp', 'body-too-slow']]);
    },
  );

  it('that comes in pieces and in time is read', async () => {
    const body = JSON.stringify(question(KARIM));
    const socket = open();
    const ended = closed(socket);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.write(await head(namedRequest().id, `Content-Length: ${body.length}`, 'Connection: close'));
    for (const piece of [body.slice(0, 20), body.slice(20, 40), body.slice(40)]) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ended;
    expect(answersIn(Buffer.concat(received).toString('latin1')).map(({ status }) => status)).toEqual([200]);
  });

  it.each([
    ['without a token', '/fhir/Consent/$check', ''],
    ['with a token that is none', '/fhir/Consent/$check', 'Authorization: Bearer nobody\r\n'],
    ['without a token, of a registration,', '/oauth/register', ''],
  ])('%s is not waited for: its sender hears at once that nobody knows who it is', async (_, path, more) => {
    const framing = ['Content-Type: application/fhir+json', 'Content-Length: 1000000'];
    const socket = open();
    socket.write(`${lines(`POST ${path} HTTP/1.1`, 'Host: x', ...framing)}${more}\r\n${' '.repeat(999_000)}`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it('of somebody known is waited for', async () => {
    const socket = open();
    socket.write(await head(namedRequest().id, 'Content-Length: 10'));
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('whose sender has gone before it was known who that is takes no place and no time', async () => {
    const named = Array.from({ length: 100 }, () => namedRequest());
    for (const [index, { id }] of named.entries()) {
      const type = index % 2 === 0 ? 'application/fhir+ndjson' : 'application/fhir+json';
      const address = ['POST /fhir/Consent/$migrate HTTP/1.1', 'Host: x', await authorized('gp')];
      const rest = [`Content-Type: ${type}`, `X-Request-Id: ${id}`, 'Transfer-Encoding: chunked', '', '2', '{}'];
      const socket = open();
      await once(socket, 'connect');
      socket.write(lines(...address, ...rest));
      await new Promise((resolve) => setTimeout(resolve, (index >> 1) % 3));
      socket.resetAndDestroy();
    }
    await Promise.all(
      named.map(async ({ id }) => {
        while ((await logged(server(), id)).length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      }),
    );
    const headers = { 'Content-Type': 'application/fhir+ndjson' };
    const answer = await server().fhir('/Consent/$migrate', { as: 'gp', method: 'POST', headers, body: '' });
    expect(verdict(answer)).toBe('200');
    const records = await Promise.all(named.map(({ id }) => logged(server(), id)));
    expect(records.flat().filter(({ detail }) => detail.problem === 'body-too-slow')).toEqual([]);
  });

  it('that never ends is refused as soon as it is too large', async () => {
    const socket = open();
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.write(await head(namedRequest().id, 'Transfer-Encoding: chunked'));
    const begun = performance.now();
    const chunk = `ffff\r\n${' '.repeat(0xffff)}\r\n`;
    const timer = setInterval(() => socket.write(chunk), 1);
    await once(socket, 'data');
    const took = performance.now() - begun;
    await closed(socket);
    clearInterval(timer);
    const [answer] = answersIn(Buffer.concat(received).toString('latin1'));
    expect([answer?.status, answer?.body]).toEqual([413, expect.stringContaining('body-too-large')]);
    console.info(`a body without end is refused in ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(2000);
  });

  it('of lines in which nothing comes any more is given up, with the socket', async () => {
    const socket = open();
    socket.resume();
    socket.write(
      lines(
        'POST /fhir/Consent/$migrate HTTP/1.1',
        'Host: x',
        await authorized('gp'),
        'Content-Type: application/fhir+ndjson',
        'Transfer-Encoding: chunked',
        '',
        '2',
        '{}',
      ),
    );
    await closed(socket);
  });
});

it('many sockets that trickle their headers keep nobody else waiting, and are all closed', async () => {
  const before = await check();
  const sockets = Array.from({ length: 500 }, open);
  const allClosed = Promise.all(sockets.map((socket) => closed(socket.resume())));
  for (const socket of sockets) socket.write('POST /fhir/Consent/$check HTTP/1.1\r\nHost: x\r\n');
  const timer = setInterval(() => sockets.forEach((socket) => socket.write('X: a\r\n')), 100);
  const answers = await Promise.all([check(), check(), check()]);
  expect(answers.map(verdict)).toEqual(answers.map(() => verdict(before)));
  await allClosed;
  clearInterval(timer);
  expect(verdict(await check())).toBe('200');
});
