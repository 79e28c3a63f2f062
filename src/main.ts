import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { compose, type Server } from './compose.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { welcome } from './sandbox/welcome.ts';

/** How long requests that are under way may still take when the server stops, in milliseconds. */
const DRAIN = 10_000;

/** Starts the server and keeps it until it is told to stop. */
async function start(): Promise<void> {
  const config = readConfig();
  const log = createLog(config.logLevel);
  const server = await compose(config, log);
  const http = server.app.listen(config.port, config.host);
  await Promise.race([once(http, 'listening'), failure(http)]).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  if (config.sandbox) console.log(welcome(config.baseUrl));
  log.info('ready', { baseUrl: config.baseUrl, sandbox: config.sandbox });
  await untilStop(server, log);
  await stop(server, http, log);
}

async function failure(http: HttpServer): Promise<never> {
  const [error] = (await once(http, 'error')) as [Error];
  throw error;
}

/** Waits for a signal to stop, or for the embedded database to end by itself: then the next start repairs it. */
async function untilStop(server: Server, log: Log): Promise<void> {
  const signals = (['SIGTERM', 'SIGINT'] as const).map((signal) => once(process, signal));
  const lost = server.databaseLost.then(() => {
    log.error('the embedded database has ended', {});
    process.exitCode = 1;
  });
  await Promise.race([...signals, lost]);
}

/** Not ready, then no new connections, then what is under way, then the database. */
async function stop(server: Server, http: HttpServer, log: Log): Promise<void> {
  server.announceStop();
  const closed = once(http, 'close');
  http.close();
  http.closeIdleConnections();
  const deadline = setTimeout(() => http.closeAllConnections(), DRAIN);
  await closed;
  clearTimeout(deadline);
  await server.close();
  log.info('stopped', {});
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
