import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Keys that must outlive the database: without them no stored BSN can be found or shown. 32 bytes each. */
export interface Secrets {
  readonly bsnHashKey: Buffer;
  readonly bsnCipherKey: Buffer;
}

/** Whose access tokens are accepted. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** JSON Web Key Set, as text. */
  readonly jwks: string;
}

/** The whole configuration: read once, checked, frozen. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly baseUrl: string;
  readonly dataDir: string;
  /** Absent: the embedded database under `dataDir`. */
  readonly databaseUrl?: string;
  readonly sandbox: boolean;
  readonly logLevel: string;
  /** Absent only in the sandbox, which makes its own under `dataDir`. */
  readonly secrets?: Secrets;
  /** Absent only in the sandbox, which issues its own tokens. */
  readonly tokens?: TokenIssuer;
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

const BOOLEAN = z.enum(['true', 'false']).transform((text) => text === 'true');

const PLAIN = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  SANDBOX: BOOLEAN.optional(),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret by value (`NAME`) or from a file (`NAME_FILE`), without surrounding white space. */
function secretText(env: Environment, name: string, wrong: string[]): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name]?.trim();
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    wrong.push(`${name}_FILE names a file that cannot be read.`);
    return undefined;
  }
}

function key(env: Environment, name: string, wrong: string[]): Buffer {
  const text = secretText(env, name, wrong);
  const bytes = Buffer.from(text ?? '', 'base64');
  if (text === undefined || text === '') wrong.push(`${name} (or ${name}_FILE) is missing: 32 random bytes in base64.`);
  else if (bytes.length !== 32) wrong.push(`${name} must be 32 bytes in base64.`);
  return bytes;
}

function required(env: Environment, name: string, meaning: string, wrong: string[]): string {
  const text = secretText(env, name, wrong);
  if (text === undefined || text === '') wrong.push(`${name} (or ${name}_FILE) is missing: ${meaning}.`);
  return text ?? '';
}

function readSecrets(env: Environment, wrong: string[]): Pick<Config, 'secrets' | 'tokens'> {
  const secrets = {
    bsnHashKey: key(env, 'BSN_HASH_KEY', wrong),
    bsnCipherKey: key(env, 'BSN_CIPHER_KEY', wrong),
  };
  const tokens = {
    issuer: required(env, 'TOKEN_ISSUER', 'the issuer of the access tokens', wrong),
    audience: required(env, 'TOKEN_AUDIENCE', 'the audience the access tokens must name', wrong),
    jwks: required(env, 'TOKEN_JWKS', 'the JSON Web Key Set of the issuer', wrong),
  };
  return { secrets, tokens };
}

/**
 * Reads the environment.
 * @throws ConfigError with one sentence per missing or wrong setting.
 */
export function readConfig(env: Environment = process.env): Config {
  const plain = PLAIN.safeParse(env);
  const wrong = plain.success ? [] : plain.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
  const databaseUrl = secretText(env, 'DATABASE_URL', wrong);
  const settings = plain.success ? plain.data : PLAIN.parse({});
  const sandbox = settings.SANDBOX ?? databaseUrl === undefined;
  const secrets = sandbox ? {} : readSecrets(env, wrong);
  if (wrong.length > 0) throw new ConfigError(wrong);
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    baseUrl: (settings.BASE_URL ?? `http://${settings.HOST}:${settings.PORT}`).replace(/\/$/, ''),
    dataDir: resolve(settings.DATA_DIR),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    sandbox,
    logLevel: settings.LOG_LEVEL,
    ...secrets,
  });
}
