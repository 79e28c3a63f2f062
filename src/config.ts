import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { DOOR_SHAPE, type DoorSettings, doorSettings, SECONDS } from './door-settings.ts';
import { isOwnMachine } from './clear-text.ts';
import { type Environment, isGiven, required, secretText } from './environment.ts';
import { type LoginSettings, readLogin } from './login-settings.ts';
import { isPrivateNetwork } from './outbound-address.ts';
import { readTokenSettings, type TokenIssuer } from './token-settings.ts';

/** Keys that must outlive the database: without them no stored BSN can be found or shown. 32 bytes each. */
export interface Secrets {
  readonly bsnHashKey: Buffer;
  readonly bsnCipherKey: Buffer;
  /** Wraps the data keys of the holders' vaults. */
  readonly vaultKey: Buffer;
  /** The one before, while data keys are still wrapped by it. */
  readonly previousVaultKey?: Buffer;
}

/** How long the delivery of a notification may take and wait, in milliseconds. */
export interface DeliverySettings {
  readonly timeout: number;
  readonly firstWait: number;
  readonly longestWait: number;
  readonly expiry: number;
}

/** Through which SMTP server mails go. */
export interface MailSettings {
  /** `smtp://` or `smtps://`, with user and password. Secret. */
  readonly url: string;
  /** Who mails are from: `Akkoord <no-reply@akkoord.example>`. */
  readonly from: string;
}

/** The whole configuration: read once, checked, frozen. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly baseUrl: string;
  readonly dataDir: string;
  /** Absent: the embedded database under `dataDir`. */
  readonly databaseUrl?: string;
  /** Who migrates `databaseUrl` and owns its tables; absent: the same login. */
  readonly databaseOwnerUrl?: string;
  readonly sandbox: boolean;
  readonly logLevel: string;
  readonly delivery: DeliverySettings;
  /** How long the audit log keeps a record from its writing, in years. */
  readonly retentionYears: number;
  readonly door: DoorSettings;
  /** Absent only in the sandbox, which makes its own under `dataDir`. */
  readonly secrets?: Secrets;
  /** Whether the built-in authorisation server gives out tokens. */
  readonly authorizationServer: boolean;
  /** Whose tokens count beside its own; in the sandbox those of its own commands. */
  readonly tokens?: TokenIssuer;
  /** Proxies that end TLS and pass certificates of clients on: addresses and subnets. */
  readonly trustedProxies: readonly string[];
  /** Private networks in which addresses of clients may be called, beside the public internet. */
  readonly privateNetworks: readonly string[];
  /** Absent: no mail is sent; in the sandbox it goes to a mailbox of its own. */
  readonly mail?: MailSettings;
  /** Absent: nobody can sign in with a browser; in the sandbox at a provider of its own. */
  readonly login?: LoginSettings;
}

/** One sentence per thing that is wrong with the environment; `main` prints them and stops. */
export class ConfigError extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'ConfigError';
    this.sentences = sentences;
  }
}

/** Five years from writing: Stcrt. 2019, 38007. https://zoek.officielebekendmakingen.nl/stcrt-2019-38007.html */
const LEAST_RETENTION = 5;

const BOOLEAN = z.enum(['true', 'false']).transform((text) => text === 'true');

const LIST = z.string().transform((text) => text.split(',').map((one) => one.trim()));

const NETWORKS = LIST.refine(
  (networks) => networks.every(isPrivateNetwork),
  'must be private networks (10.20.0.0/16) with commas between',
);

/** Addresses and subnets, with commas between. */
const PROXIES = LIST.refine(
  (proxies) => proxies.every(isProxy),
  'must be addresses or subnets (10.0.0.0/8) with commas between',
);

function isProxy(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return bits > 0 && more.length === 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= bits));
}

const PLAIN = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(1).max(65535).default(8080),
  BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATA_DIR: z.string().default('./data'),
  SANDBOX: BOOLEAN.optional(),
  AUTHORIZATION_SERVER: BOOLEAN.optional(),
  TRUSTED_PROXIES: PROXIES.default([]),
  PRIVATE_NETWORKS: NETWORKS.default([]),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  ...DOOR_SHAPE,
  NOTIFICATION_TIMEOUT: SECONDS.default(10_000),
  NOTIFICATION_RETRY: SECONDS.default(1000),
  NOTIFICATION_RETRY_MOST: SECONDS.default(3_600_000),
  NOTIFICATION_EXPIRY: SECONDS.default(259_200_000),
  AUDIT_RETENTION_YEARS: z.coerce
    .number()
    .int()
    .min(LEAST_RETENTION, `the audit log is kept for at least ${LEAST_RETENTION} years`)
    .max(1000)
    .default(LEAST_RETENTION),
});

function key(env: Environment, name: string, wrong: string[]): Buffer {
  const text = required(env, name, '32 random bytes in base64', wrong) ?? '';
  const bytes = Buffer.from(text, 'base64');
  const isKey = bytes.length === 32 && bytes.toString('base64') === text;
  if (text !== '' && !isKey) wrong.push(`${name} must be 32 bytes in base64.`);
  return bytes;
}

function databaseAddress(env: Environment, name: string, wrong: string[]): string | undefined {
  const url = secretText(env, name, wrong);
  const isAddress = url === undefined || (/^postgres(ql)?:/.test(url) && URL.canParse(url));
  if (!isAddress) wrong.push(`${name} must have the form postgres://user:password@host:5432/database.`);
  return url;
}

function readDatabase(env: Environment, wrong: string[]): Pick<Config, 'databaseUrl' | 'databaseOwnerUrl'> {
  const databaseUrl = databaseAddress(env, 'DATABASE_URL', wrong);
  const databaseOwnerUrl = databaseAddress(env, 'DATABASE_OWNER_URL', wrong);
  if (databaseUrl === undefined) {
    if (databaseOwnerUrl !== undefined) wrong.push('DATABASE_OWNER_URL is given without DATABASE_URL.');
    return {};
  }
  return { databaseUrl, ...(databaseOwnerUrl === undefined ? {} : { databaseOwnerUrl }) };
}

const SENDER = /^(?:[^\s<>@"]+(?: [^\s<>@"]+)* <[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/;

function readMail(env: Environment, wrong: string[]): Pick<Config, 'mail'> {
  const url = secretText(env, 'SMTP_URL', wrong);
  if (url === undefined) return {};
  if (!/^smtps?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    wrong.push('SMTP_URL must have the form smtps://user:password@host:465.');
  }
  const from = env['MAIL_FROM'];
  if (from === undefined) wrong.push('MAIL_FROM is missing: the address that mails come from.');
  else if (!SENDER.test(from)) wrong.push('MAIL_FROM must have the form no-reply@host or Name <no-reply@host>.');
  return { mail: { url, from: from ?? '' } };
}

function readSecrets(env: Environment, wrong: string[]): Pick<Config, 'secrets'> {
  const secrets = {
    bsnHashKey: key(env, 'BSN_HASH_KEY', wrong),
    bsnCipherKey: key(env, 'BSN_CIPHER_KEY', wrong),
    vaultKey: key(env, 'VAULT_KEY', wrong),
    ...(isGiven(env, 'VAULT_KEY_PREVIOUS') ? { previousVaultKey: key(env, 'VAULT_KEY_PREVIOUS', wrong) } : {}),
  };
  return { secrets };
}

function isInTheClear(baseUrl = ''): boolean {
  return baseUrl.startsWith('http:') && !isOwnMachine(new URL(baseUrl).hostname);
}

/**
 * Reads the environment. A setting that is empty counts as not given.
 * @throws ConfigError with one sentence per missing or wrong setting.
 */
export function readConfig(environment: Environment = process.env): Config {
  const env = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ''));
  const plain = PLAIN.safeParse(env);
  const wrong = plain.success ? [] : plain.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
  const database = readDatabase(env, wrong);
  const mail = readMail(env, wrong);
  const { SANDBOX } = env;
  // What is missing depends on the sandbox, also where another setting is wrong.
  const settings = plain.success ? plain.data : PLAIN.parse(BOOLEAN.safeParse(SANDBOX).success ? { SANDBOX } : {});
  const sandbox = settings.SANDBOX ?? database.databaseUrl === undefined;
  const secrets = sandbox ? {} : readSecrets(env, wrong);
  const baseUrl = (settings.BASE_URL ?? `http://${settings.HOST}:${settings.PORT}`).replace(/\/$/, '');
  const login = readLogin(env, sandbox, wrong);
  if (!sandbox && isInTheClear(settings.BASE_URL)) wrong.push('BASE_URL must begin with https.');
  const authorizationServer = settings.AUTHORIZATION_SERVER ?? sandbox;
  const tokens = sandbox ? {} : readTokenSettings(env, authorizationServer, wrong);
  if (wrong.length > 0) throw new ConfigError(wrong);
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    baseUrl,
    dataDir: resolve(settings.DATA_DIR),
    ...database,
    sandbox,
    logLevel: settings.LOG_LEVEL,
    door: doorSettings(settings, sandbox),
    delivery: {
      timeout: settings.NOTIFICATION_TIMEOUT,
      firstWait: settings.NOTIFICATION_RETRY,
      longestWait: settings.NOTIFICATION_RETRY_MOST,
      expiry: settings.NOTIFICATION_EXPIRY,
    },
    retentionYears: settings.AUDIT_RETENTION_YEARS,
    authorizationServer,
    trustedProxies: settings.TRUSTED_PROXIES,
    privateNetworks: settings.PRIVATE_NETWORKS,
    ...secrets,
    ...tokens,
    ...mail,
    ...login,
  });
}
