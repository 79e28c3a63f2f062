import { once } from 'node:events';
import type { RequestListener, Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, type Server } from './compose.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { openListener } from './http/open-listener.ts';
import { createLog, type Log } from './log.ts';
import { welcome } from './sandbox/welcome.ts';

/** How long those who send requests may take to notice that the server stops, in milliseconds. */
const NOTICE = 2_000;
/** When nothing has come for so long, they have, in milliseconds. */
const QUIET = 250;
/** How long requests that are under way may still take after that, in milliseconds. */
const DRAIN = 7_000;
/** How often connections that have become idle are closed meanwhile, in milliseconds. */
const SWEEP = 50;

/** Starts the server and keeps it until it is told to stop. */
async function start(): Promise<void> {
  const config = readConfig();
  const toldToStop = stopSignal();
  const log = createLog(config.logLevel);
  const server = await compose(config, log);
  const http = await listen(server, config);
  if (config.sandbox) console.log(welcome(config));
  log.info('ready', { baseUrl: config.baseUrl, sandbox: config.sandbox });
  await untilStop(server, toldToStop, log);
  await stop(server, http, log);
}

/**
 * Resolves at the first signal to stop. Listens from the start on and to every signal after, because the one that nobody
 * listens to ends the process at once and leaves its database behind: npm passes on what the terminal sent already.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
}

/** @throws Error with one sentence when the address cannot be had; then everything is closed again */
async function listen(server: Server, config: Config): Promise<HttpServer> {
  const http = openListener(server.stack.listener, config.door.times).listen(config.port, config.host);
  try {
    await once(http, 'listening');
    return http;
  } catch (cause) {
    await server.close();
    throw new Error(addressTrouble(config, (cause as NodeJS.ErrnoException).code), { cause });
  }
}

function addressTrouble({ host, port }: Config, code = 'unknown'): string {
  if (code === 'EADDRINUSE') return `Port ${port} of ${host} is in use: stop the other program or set another PORT.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this account: set another PORT.`;
  return `HOST is no address of this machine that can be listened on (${code}).`;
}

/** Waits for a signal to stop, or for the embedded database to end by itself: then the next start repairs it. */
async function untilStop(server: Server, toldToStop: Promise<void>, log: Log): Promise<void> {
  const lost = server.databaseLost.then(() => {
    log.error('the embedded database has ended', {});
    process.exitCode = 1;
  });
  await Promise.race([toldToStop, lost]);
}

/** Not ready, then every answer the last one of its connection, then no new connections, then what is under way, then the database. */
async function stop(server: Server, http: HttpServer, log: Log): Promise<void> {
  server.announceStop();
  await untilNoticed(http);
  await untilNobodyComes(http);
  const closed = once(http, 'close');
  http.close();
  // A connection whose last answer has left would be kept for seconds, in case another request comes.
  const sweep = setInterval(() => http.closeIdleConnections(), SWEEP);
  const deadline = setTimeout(() => http.closeAllConnections(), DRAIN);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
  await server.close();
  log.info('stopped', {});
}

/**
 * Goes on taking requests until whoever sends them has learned to send no more: from the readiness, or from being told that their
 * connection ends. One that is kept and just closed would break the request that is on its way over it.
 */
async function untilNoticed(http: HttpServer): Promise<void> {
  const begun = performance.now();
  let last = begun;
  const endConnection: RequestListener = (_request, response) => {
    last = performance.now();
    response.setHeader('Connection', 'close');
  };
  http.prependListener('request', endConnection);
  while (performance.now() < Math.min(last + QUIET, begun + NOTICE)) await sleep(SWEEP);
}

/** Waits for a turn in which nobody came: to close resets connections that have not been taken yet. */
async function untilNobodyComes(http: HttpServer): Promise<void> {
  let came = 0;
  http.on('connection', () => void (came += 1));
  let before = -1;
  while (before !== came) {
    before = came;
    await new Promise(setImmediate);
  }
}

function sentences(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.sentences;
  return [error instanceof Error ? error.message : String(error)];
}

try {
  await start();
} catch (error) {
  for (const sentence of sentences(error)) console.error(sentence);
  process.exitCode = 1;
}
