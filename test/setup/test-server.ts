import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { compose, type Server } from '../../src/compose.ts';
import type { DeliverySettings } from '../../src/config.ts';
import type { DoorSettings } from '../../src/door-settings.ts';
import { openListener } from '../../src/http/open-listener.ts';
import type { LoginSettings } from '../../src/login-settings.ts';
import type { Log } from '../../src/log.ts';
import { citizenToken, clientToken } from '../../src/sandbox/issue-token.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { completenessOf, type CountedAnswer, leavesRecord } from '../security/completeness.ts';
import { LIMIT_MS, openTestDatabase, type TestDatabase } from './test-database.ts';

/** A FHIR answer, read. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or text of another type; undefined for an empty body. */
  readonly body: Body;
}

export interface Call {
  readonly method?: string;
  /** Whose token goes along: a sandbox client, or `citizen:<bsn>`; absent: none. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string goes as it is. */
  readonly body?: unknown;
}

/** A whole server with the sandbox's people in it, on a database of its own. */
export interface TestServer {
  readonly baseUrl: string;
  readonly server: Server;
  readonly database: TestDatabase;
  /** Folder of the sandbox's keys. */
  readonly dataDir: string;
  /** What the server has logged, one JSON text per line. */
  readonly logged: readonly string[];
  token(who: string): Promise<string>;
  /** Calls the FHIR base (`/Consent/$check`). */
  fhir<Body = unknown>(path: string, call?: Call): Promise<Answer<Body>>;
  /** Calls any address (`/health/ready`); what is not JSON comes back as text. */
  ask<Body = unknown>(path: string, call?: Call): Promise<Answer<Body>>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** FHIR resources of another catalogue version than the newest. */
  readonly catalogue?: readonly unknown[];
  /** How long the delivery of notifications waits, where it is not as usual. */
  readonly delivery?: Partial<DeliverySettings>;
  /** What the door allows, where it is not as usual. */
  readonly door?: {
    readonly [Part in 'times' | 'rates' | 'work']?: Partial<DoorSettings[Part]>;
  };
  /** Proxies whose word is believed. */
  readonly trustedProxies?: readonly string[];
  /** A server whose database and keys this one shares; they stay when this one closes. */
  readonly beside?: Pick<TestServer, 'database' | 'dataDir'>;
  /** The SMTP server that takes the mails; absent: they go to the mailbox of the sandbox. */
  readonly smtpUrl?: string;
  /** Where citizens sign in; absent: at the stand-in for DigiD. */
  readonly login?: LoginSettings;
  /** What the server believes its address to be, where that is not the one it listens at. */
  readonly publicUrl?: string;
}

const DELIVERY: DeliverySettings = { timeout: 10_000, firstWait: 1000, longestWait: 3_600_000, expiry: 259_200_000 };

const DOOR = {
  times: { headers: 20_000, body: 60_000, idle: 120_000, keepAlive: 65_000 },
  rates: { client: 1_200_000, citizen: 1_200_000, address: 1_000_000 },
  work: {
    places: { urgent: 512, emergency: 12, prompt: 8, ordinary: 7, bulk: 2 },
    waiting: 512,
    patience: 10_000,
    streams: 64,
  },
} as const;

/** Answers that need no record of their own: when the log refuses, and of a flood. */
const UNCOUNTED: ReadonlySet<number> = new Set([429, 503]);

/** Starts a server on a random port of loopback. Closing it fails when an answer of `fhir` or `ask` left no record. */
export async function openTestServer({
  catalogue,
  beside,
  smtpUrl,
  delivery,
  login,
  publicUrl,
  door,
  trustedProxies = [],
}: TestServerOptions = {}): Promise<TestServer> {
  const database = beside?.database ?? (await openTestDatabase());
  const dataDir = beside?.dataDir ?? (await mkdtemp(join(process.env['TEST_HOME'] ?? tmpdir(), 'server-')));
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const logged: string[] = [];
  const config = {
    host: '127.0.0.1',
    port,
    baseUrl: publicUrl ?? baseUrl,
    dataDir,
    databaseUrl: database.applicationUrl,
    databaseOwnerUrl: database.url,
    sandbox: true,
    authorizationServer: true,
    trustedProxies,
    privateNetworks: [],
    logLevel: 'info',
    retentionYears: 5,
    delivery: { ...DELIVERY, ...delivery },
    door: {
      times: { ...DOOR.times, ...door?.times },
      rates: { ...DOOR.rates, ...door?.rates },
      work: { ...DOOR.work, ...door?.work },
    },
    ...(smtpUrl === undefined ? {} : { mail: { url: smtpUrl, from: 'Akkoord <no-reply@akkoord.example>' } }),
    ...(login === undefined ? {} : { login }),
  };
  const server = await compose(config, recordingLog(logged), catalogue);
  const http = openListener(server.stack.listener, config.door.times).listen(port, '127.0.0.1');
  await once(http, 'listening');
  const keys = await openSandboxKeys(dataDir);
  const answered: CountedAnswer[] = [];
  const ask = async <Body>(path: string, call: Call = {}): Promise<Answer<Body>> => {
    const answer = await send<Body>(baseUrl, path, call, tokenFor);
    const requestId = answer.headers.get('x-request-id');
    const isCounted = requestId !== null && !UNCOUNTED.has(answer.status) && leavesRecord(path);
    if (isCounted) answered.push({ requestId });
    return answer;
  };
  const token = (who: string) =>
    who.startsWith('citizen:') ? citizenToken(keys, who.slice('citizen:'.length)) : clientToken(keys, who);
  // Signing one takes longer than many a call.
  const tokens = new Map<string, Promise<string>>();
  const tokenFor = (who: string): Promise<string> => {
    const known = tokens.get(who) ?? token(who);
    tokens.set(who, known);
    return known;
  };
  return {
    baseUrl,
    server,
    database,
    dataDir,
    logged,
    token,
    fhir: <Body>(path: string, call?: Call) => ask<Body>(`/fhir${path}`, call),
    ask,
    async close() {
      await stop(http, server);
      const { wrong } = await completenessOf(database.database, answered);
      if (wrong.length > 0) throw new Error(`${wrong.length} of ${answered.length} answers left no record`);
      if (beside === undefined) await forget(database, dataDir);
    },
  };
}

/** Gives the test file it is called in a server of its own; ask the returned function for it inside tests. */
export function useTestServer(options: TestServerOptions = {}): () => TestServer {
  let opened: TestServer | undefined;
  beforeAll(async () => {
    opened = await openTestServer(options);
  }, LIMIT_MS);
  afterAll(() => opened?.close(), LIMIT_MS);
  return () => {
    if (opened === undefined) throw new Error('the test server is opened before the first test');
    return opened;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function recordingLog(lines: string[]): Log {
  const write = (level: string) => (message: string, detail: object) => {
    lines.push(JSON.stringify({ level, message, detail }));
  };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}

type Verb = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

async function send<Body>(base: string, path: string, call: Call, token: TestServer['token']): Promise<Answer<Body>> {
  const { as, body, headers, method = body === undefined ? 'GET' : 'POST' } = call;
  const request = supertest(base)[method.toLowerCase() as Verb](path);
  if (as !== undefined) request.set('Authorization', `Bearer ${await token(as)}`);
  if (body !== undefined) request.set('Content-Type', 'application/fhir+json');
  request.set({ ...headers });
  const response = await request.send(typeof body === 'object' ? JSON.stringify(body) : (body as string | undefined));
  const { text = '' } = response as { readonly text?: string };
  return {
    status: response.status,
    headers: new Headers(response.headers),
    body: (text === '' ? undefined : response.type.endsWith('json') ? JSON.parse(text) : text) as Body,
  };
}

async function stop(http: HttpServer, server: Server): Promise<void> {
  server.announceStop();
  http.close();
  http.closeAllConnections();
  await server.close();
}

async function forget(database: TestDatabase, dataDir: string): Promise<void> {
  await database.close();
  await rm(dataDir, { recursive: true });
}
