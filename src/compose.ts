import type { RequestListener } from 'node:http';
import type { JWK } from 'jose';
import type { Router } from 'express';
import { createLogin, type OpenidLogin } from './auth/openid-login.ts';
import { exposedDatabases } from './clear-text.ts';
import type { Config } from './config.ts';
import { Flood } from './consent/flood.ts';
import type { Register } from './consent/register.ts';
import { writeNotification } from './consent/write-notification.ts';
import { openStack, type Stack } from './http/app.ts';
import { deliveryObserver, watchOutbox } from './http/delivery-metrics.ts';
import { emailRoutes } from './http/email-routes.ts';
import { fhirHandler } from './http/fhir-handler.ts';
import { tooBusy } from './http/lanes.ts';
import { limitQuestions } from './http/limit-questions.ts';
import { addressLimit, tooManyRequests } from './http/rate-limits.ts';
import { createRoutes } from './http/routes.ts';
import { sessionRoutes } from './http/session-routes.ts';
import { watchConnections, workObserver } from './http/work-metrics.ts';
import type { Log } from './log.ts';
import { deliverMails } from './notifications/deliver-mails.ts';
import { Deliverer } from './notifications/deliver.ts';
import type { SendMail } from './notifications/mail.ts';
import { smtpSender } from './notifications/smtp.ts';
import { openAuthorization } from './open-authorization.ts';
import { openTrust, type Trust } from './open-trust.ts';
import { openRegister } from './open-register.ts';
import { newestCatalogue } from './read-resources.ts';
import { openDigid } from './sandbox/open-digid.ts';
import { fillSandbox } from './sandbox/fill-sandbox.ts';
import { receivedNotifications } from './sandbox/received-notifications.ts';
import { openMailbox } from './sandbox/mailbox.ts';
import { deleteExpiredTokens } from './storage/access-token.ts';
import { mayChangeLog } from './storage/application-rights.ts';
import { ensurePartitions } from './storage/audit-partitions.ts';
import { type Database, openDatabase } from './storage/database.ts';
import { startEmbedded } from './storage/embedded.ts';
import { deleteExpiredAnswers } from './storage/kept-answer.ts';
import { migrate } from './storage/migrate.ts';
import { readOutbox } from './storage/outbox.ts';
import { deleteExpiredIds } from './storage/used-id.ts';

/** Everything wired together, ready to listen. */
export interface Server {
  readonly stack: Stack;
  readonly register: Register;
  /** Resolves when the embedded database ends by itself: the server cannot go on. Never, with a database of one's own. */
  readonly databaseLost: Promise<void>;
  /** Makes readiness say no, so that no new work is sent here. */
  announceStop(): void;
  /** Closes the database connections and ends the embedded database. */
  close(): Promise<void>;
}

/** How long a mail that is being sent may still take when the server stops, in milliseconds. */
const PATIENCE = 5_000;
const HOUR = 3_600_000;
/** Audit partitions that exist ahead of today. */
const DAYS_AHEAD = 7;

/**
 * Wires the server by hand: this function is the whole of it.
 * @param catalogue FHIR resources of another catalogue version than the newest in `profiles/`
 */
export async function compose(config: Config, log: Log, catalogue?: readonly unknown[]): Promise<Server> {
  const trust = await openTrust(config);
  const home = await startDatabase(config, log);
  try {
    return await wire(config, log, trust, home, catalogue ?? (await newestCatalogue()));
  } catch (error) {
    await home.close();
    throw error;
  }
}

async function wire(
  config: Config,
  log: Log,
  { vault, holderVaults, tokens }: Trust,
  { database, lost, close }: DatabaseHome,
  terminology: readonly unknown[],
): Promise<Server> {
  const mail = openMail(config, log);
  const mails = mail && deliverMails({ database, vault, send: mail.send, baseUrl: config.baseUrl, log });
  const nudge = () => {
    deliverer.nudge();
    mails?.wake();
  };
  const parts = { database, vault, holderVaults, log, sandbox: config.sandbox, sendsMail: mail !== undefined, nudge };
  const register = await openRegister(parts, terminology, workObserver);
  const deliverer = openDelivery(config, register);
  if (config.sandbox) await fillSandbox(register, config);
  deliverer.start();
  mails?.start();
  watchConnections(() => database.count());
  watchOutbox(() => readOutbox(database));
  const upkeep = setInterval(() => void keepUp(database, log), HOUR).unref();
  const baseUrl = `${config.baseUrl}/fhir`;
  const door = openDoor(register, config);
  const server = { register, routes: createRoutes(register, baseUrl), baseUrl, limits: config.door };
  let stopping = false;
  const signIn = await openSignIn(config, vault, log);
  const received = config.sandbox ? { notifications: receivedNotifications() } : {};
  const { identify, ...authorization } = await openAuthorization(config, register, tokens, workObserver);
  return {
    stack: openStack({
      log,
      health: { isReady: async () => !stopping && (await answers(database)) },
      ...door.limits,
      fhir: fhirHandler(server, identify),
      ...authorization,
      email: emailRoutes(register, config.door.times),
      session: sessionRoutes({ register, baseUrl: config.baseUrl, ...signIn.server }),
      sandbox: { ...mail?.sandbox, ...signIn.sandbox, ...received },
    }),
    register,
    databaseLost: lost,
    announceStop: () => (stopping = true),
    close: async () => {
      clearInterval(upkeep);
      await Promise.all([door.end(), deliverer.stop(), mails?.stop(PATIENCE)]);
      await close();
    },
  };
}

/** What keeps too much out; at its end it writes down what it has counted. */
function openDoor(register: Register, { door: { rates, work }, trustedProxies }: Config) {
  const fromOne = new Flood(register, tooManyRequests);
  const atOnce = new Flood(register, tooBusy);
  return {
    limits: {
      outermost: (listener: RequestListener) =>
        limitQuestions(work.places.urgent, (requestId) => atOnce.count(requestId), listener),
      limits: [addressLimit(rates.address, trustedProxies, (requestId) => fromOne.count(requestId))],
    },
    end: () => Promise.all([fromOne.record(), atOnce.record()]),
  };
}

/** The delivery of notifications to holders, to be started. */
function openDelivery({ baseUrl, delivery, sandbox, privateNetworks }: Config, register: Register): Deliverer {
  return new Deliverer({
    database: register.database,
    vaults: register.holderVaults,
    log: register.log,
    limits: delivery,
    write: (subscriber, event) => writeNotification(register, `${baseUrl}/fhir`, subscriber, event),
    observer: deliveryObserver,
    surroundings: { isSandbox: sandbox, privateNetworks },
  });
}

/** Where citizens sign in: at the provider of the configuration, in the sandbox else at its own; or nowhere. */
async function openSignIn(
  config: Config,
  vault: Trust['vault'],
  log: Log,
): Promise<{ readonly server?: { readonly login: OpenidLogin }; readonly sandbox?: Readonly<Record<string, Router>> }> {
  const { login, baseUrl, sandbox } = config;
  if (login !== undefined) {
    const { credential, ...settings } = login;
    const own = 'key' in credential ? { key: JSON.parse(credential.key) as JWK } : credential;
    const provider = { ...settings, credential: own, callback: `${baseUrl}/login/callback`, allowHttp: sandbox };
    return { server: { login: createLogin(provider) } };
  }
  if (!sandbox) return {};
  const digid = await openDigid(config, vault, log);
  return { server: { login: createLogin(digid.login) }, sandbox: { digid: digid.router } };
}

/** How mails leave: through the SMTP server of the configuration, in the sandbox else into its own mailbox. */
function openMail(
  { mail, sandbox }: Config,
  log: Log,
): { readonly send: SendMail; readonly sandbox?: Readonly<Record<string, Router>> } | undefined {
  if (mail !== undefined) return { send: smtpSender(mail) };
  if (sandbox) {
    const { send, router } = openMailbox();
    return { send, sandbox: { mailbox: router } };
  }
  log.warn('no mail is sent: there is no SMTP_URL', {});
  return undefined;
}

export interface DatabaseHome {
  readonly database: Database;
  /** Connection string of the server's login, and of whoever owns the tables: never log them. */
  readonly url: string;
  readonly ownerUrl: string;
  readonly lost: Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startDatabase(config: Config, log: Log): Promise<DatabaseHome> {
  const embedded = config.databaseUrl === undefined ? await startEmbedded(config.dataDir, log) : undefined;
  const url = embedded?.applicationUrl ?? config.databaseUrl ?? '';
  const ownerUrl = embedded?.url ?? config.databaseOwnerUrl ?? url;
  if (!config.sandbox) for (const sentence of exposedDatabases(config)) log.warn(sentence, {});
  let database: Database | undefined;
  const close = async () => {
    await database?.close();
    await embedded?.stop();
  };
  try {
    await migrate(ownerUrl, url);
    const onConnectionLost = () => log.warn('database connection lost', {});
    database = await openDatabase(url, { applicationName: 'akkoord', onConnectionLost });
    await watchLogOwner(config, database, log);
    await ensurePartitions(database, DAYS_AHEAD);
    return { database, url, ownerUrl, lost: embedded?.lost ?? new Promise(() => undefined), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws Error with one sentence when the log was to have an owner of its own and has not */
async function watchLogOwner({ databaseOwnerUrl }: Config, database: Database, log: Log): Promise<void> {
  if (!(await mayChangeLog(database))) return;
  if (databaseOwnerUrl !== undefined) {
    throw new Error('The login of DATABASE_URL could change the audit log: it may own nothing and become nobody else.');
  }
  log.warn('the database login of the server could change the audit log: set DATABASE_OWNER_URL', {});
}

/** What has to be done by and by, whatever is asked. */
async function keepUp(database: Database, log: Log): Promise<void> {
  await ensurePartitions(database, DAYS_AHEAD).catch(() => log.error('audit partitions could not be made', {}));
  for (const deleteExpired of [deleteExpiredAnswers, deleteExpiredTokens, deleteExpiredIds]) {
    await deleteExpired(database).catch(() => log.error('what has expired could not be deleted', {}));
  }
}

async function answers(database: Database): Promise<boolean> {
  return database.query('select 1').then(
    () => true,
    () => false,
  );
}
