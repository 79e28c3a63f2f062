import { post } from '../../src/notifications/post.ts';
import { at, chooseTimes, hasNumber, upTo } from '../notifications/arrivals.ts';
import { HASTE, subscribeAt, useStage } from '../notifications/holders.ts';
import { openReceiver } from '../notifications/receiver.ts';
import { numberOf } from '../notifications/told.ts';
import { freshBsn, GP } from '../http/people.ts';
import { changeClient } from '../http/registered-client.ts';
import { organization } from '../http/resources.ts';
import { findOrganizations } from '../../src/storage/organization.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import type { TestServer } from '../setup/test-server.ts';
import { dripOf, floodOf, type Manner, openListener } from './listeners.ts';

const MB = 1024 * 1024;
const K64 = 'x'.repeat(64 * 1024);
/** The most that a receiver got rid of may lie in buffers between it and us. */
const BUFFERED = 32 * MB;

interface Hostile {
  readonly what: string;
  readonly manner: Manner;
  readonly scheme?: 'https';
  /** What is said of the message in the end; a 2xx that came is one, whatever followed. */
  readonly said: 'received' | 'not-received';
  /** Cut at once by its size, not by its time. */
  readonly isCutAtOnce?: true;
}

const HOSTILE: readonly Hostile[] = [
  { what: 'never answers', manner: () => undefined, said: 'not-received' },
  { what: 'never speaks TLS', manner: () => undefined, scheme: 'https', said: 'not-received' },
  {
    what: 'answers with headers one letter at a time',
    manner: dripOf('HTTP/1.1 200 OK\r\nX-A: ', 'a'),
    said: 'not-received',
  },
  {
    what: 'answers with a body one letter at a time',
    manner: dripOf('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', 'a'),
    said: 'received',
  },
  {
    what: 'answers with 1 GB in one header',
    manner: floodOf('HTTP/1.1 200 OK\r\nX-A: ', K64),
    said: 'not-received',
    isCutAtOnce: true,
  },
  {
    what: 'answers with headers without end',
    manner: floodOf('HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'.repeat(1000)),
    said: 'not-received',
    isCutAtOnce: true,
  },
  {
    what: 'answers with a status line without end',
    manner: floodOf('HTTP/1.1 200 ', K64),
    said: 'not-received',
    isCutAtOnce: true,
  },
  {
    what: 'answers that it will answer, without end',
    manner: floodOf('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)),
    said: 'not-received',
    isCutAtOnce: true,
  },
  { what: 'answers without end', manner: floodOf('HTTP/1.1 200 OK\r\n\r\n', K64), said: 'received', isCutAtOnce: true },
  {
    what: 'answers in pieces without end',
    manner: floodOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `10000\r\n${K64}\r\n`),
    said: 'received',
    isCutAtOnce: true,
  },
  {
    what: 'answers with one piece whose extension has no end',
    manner: floodOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=', K64),
    said: 'received',
    isCutAtOnce: true,
  },
  {
    what: 'answers with trailers without end',
    manner: floodOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n', 'X-A: b\r\n'.repeat(1000)),
    said: 'received',
    isCutAtOnce: true,
  },
  {
    what: 'begins to speak another protocol',
    manner: (socket) =>
      void socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    said: 'not-received',
    isCutAtOnce: true,
  },
];

const message = { ownHeaders: [], headers: { 'Content-Type': 'application/fhir+json' }, body: '{}' };
const reach = { hosts: ['127.0.0.1'], isSandbox: true, privateNetworks: [] };

describe('a receiver that', () => {
  it.each(HOSTILE)(
    '$what is cut off, and the sender is free within ten seconds',
    async ({ what, manner, scheme = 'http', said, isCutAtOnce = false }) => {
      const listener = await openListener(manner);
      const way = { ...reach, timeout: isCutAtOnce ? 9_500 : 1_000, signal: new AbortController().signal };
      const begun = performance.now();
      expect(await post({ ...message, endpoint: `${scheme}://127.0.0.1:${listener.port}/` }, way)).toBe(said);
      const took = performance.now() - begun;
      process.stdout.write(`receiver ${what}: ${Math.round(took)} ms, ${listener.written()} bytes\n`);
      expect(took).toBeLessThan(isCutAtOnce ? 9_000 : 10_000);
      expect(listener.written()).toBeLessThan(BUFFERED);
      await listener.close();
    },
    LIMIT_MS,
  );

  it('answers as it should is none of this', async () => {
    const receiver = await openReceiver();
    const way = { ...reach, timeout: 9_500, signal: new AbortController().signal };
    expect(await post({ ...message, endpoint: receiver.url }, way)).toBe('received');
    await receiver.close();
  });
});

describe('the notifications of others', () => {
  const stage = useStage({ timeout: 10_000 });

  it(
    'arrive while hostile receivers are being dealt with',
    async () => {
      const { server, receiver } = stage();
      const hostile = await Promise.all(HOSTILE.map(({ manner }) => openListener(manner)));
      for (const { port } of hostile) await subscribeAt(stage(), freshBsn(), { endpoint: `http://127.0.0.1:${port}/` });
      const bsn = freshBsn();
      const { path } = await subscribeAt(stage(), bsn);
      await chooseTimes(server, bsn, 5);
      expect(at(path)(await receiver.until(hasNumber(path, 6))).map(numberOf)).toEqual(upTo(6));
      expect(hostile.filter((one) => one.connections() > 0)).toHaveLength(HOSTILE.length);
      await Promise.all(hostile.map((one) => one.close()));
    },
    LIMIT_MS,
  );
});

describe('a host that a holder is not registered with any more', () => {
  const stage = useStage(HASTE);

  it.each([
    ['a client', (server: TestServer) => changeClient(server, 'gp', { hosts: ['ehr.example'] })],
    ['an organisation', deregister],
  ])(
    'gets nothing, others do, and it does again when it is: as %s',
    async (_what, takeAway) => {
      const { server, receiver } = stage();
      const [own, others] = [freshBsn(), freshBsn()];
      const { path } = await subscribeAt(stage(), own);
      await receiver.until(hasNumber(path, 1));
      const restore = await takeAway(server);
      await chooseTimes(server, own, 1);
      const theirs = await subscribeAt(stage(), others, { as: 'pharmacy', ura: '00014332', holderType: 'J8' });
      await receiver.until(hasNumber(theirs.path, 1));
      await until(() => server.logged.some((line) => line.includes('may not be called')));
      expect(at(path)(receiver.arrivals).map(numberOf)).toEqual([1]);
      for (const line of server.logged) expect(line).not.toContain(path);
      await restore();
      await receiver.until(hasNumber(path, 2));
    },
    LIMIT_MS,
  );
});

/** Ends the registration of the practice; returns what begins it anew. */
async function deregister(server: TestServer): Promise<() => Promise<unknown>> {
  const [known] = await findOrganizations(server.server.register.database, [GP]);
  expect((await server.fhir(`/Organization/${known?.id ?? ''}`, { as: 'admin', method: 'DELETE' })).status).toBe(204);
  return () => server.fhir('/Organization', { as: 'admin', body: organization(GP) });
}

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
