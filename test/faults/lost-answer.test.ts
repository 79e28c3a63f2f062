import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { LIMIT_MS, openTestDatabase, type TestDatabase } from '../setup/test-database.ts';
import { freshUra } from '../http/people.ts';
import { organization } from '../http/resources.ts';
import { buildServer } from '../start/built-server.ts';
import { newFolder, removeFolders } from '../start/data-folders.ts';
import { type RunningServer, start, stopAll, stopServer } from '../start/running-server.ts';
import { tokenIn } from '../start/ask.ts';
import { CERTAIN } from './lengths.ts';

/** Stands between a server and its database, and can keep to itself what the database says to a commit. */
interface Between {
  readonly url: string;
  /** From now on, no answer comes to the commit of a transaction that keeps an answer. */
  arm(): void;
  close(): void;
}

async function openBetween(databaseUrl: string): Promise<Between> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isArmed = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    let keeps = false;
    let isSilent = false;
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.on('data', (sent: Buffer) => {
      const text = sent.toString('latin1');
      keeps ||= text.includes('insert into kept_answer');
      isSilent ||= isArmed && keeps && text.includes('commit\0');
      far.write(sent);
    });
    far.on('data', (said: Buffer) => {
      if (!isSilent) near.write(said);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: () => (isArmed = true),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const dataDir = newFolder();
let database: TestDatabase;
let between: Between;

beforeAll(async () => {
  await buildServer();
  database = await openTestDatabase();
  between = await openBetween(database.url);
}, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  between.close();
  await database.close();
  removeFolders();
}, LIMIT_MS);

const startAt = (url: string) => start({ DATABASE_URL: url, SANDBOX: 'true', DATA_DIR: dataDir });

async function register({ baseUrl }: RunningServer, ura: string, key?: string) {
  const response = await fetch(`${baseUrl}/fhir/Organization`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await tokenIn(dataDir, 'admin')}`,
      'Content-Type': 'application/fhir+json',
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    },
    body: JSON.stringify(organization(ura)),
  });
  return { status: response.status, body: (await response.json()) as { readonly id?: string } };
}

/** Has something recorded by a server that is killed when the commit is there and its answer is not, and asks for it again. */
async function loseAnswer(): Promise<void> {
  const ura = freshUra();
  const key = `"${ura}"`;
  const rows = async () => {
    const search = `select id from organization where ura = $1`;
    return (await database.database.query<{ id: string }>(search, [ura])).rows;
  };
  const killed = await startAt(between.url);
  between.arm();
  const lost = register(killed, ura, key).catch(() => undefined);
  while ((await rows()).length === 0) await new Promise(setImmediate);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(await lost).toBeUndefined();

  const next = await startAt(database.url);
  const again = await register(next, ura, key);
  expect([again.status, again.body.id]).toEqual([201, (await rows())[0]?.id]);
  expect(await rows()).toHaveLength(1);
  expect((await register(next, ura)).status).toBe(409);
  await stopServer(next);
}

describe('a server that is killed after the commit and before the answer', () => {
  it(
    'has recorded once what is asked for again under the same key',
    async () => {
      for (let time = 0; time < CERTAIN; time += 1) await loseAnswer();
    },
    LIMIT_MS * CERTAIN,
  );
});
