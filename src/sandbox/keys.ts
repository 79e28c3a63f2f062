import { hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/** The sandbox's own secrets, made at first use and kept under the data folder. */
export interface SandboxKeys {
  readonly bsnHashKey: Buffer;
  readonly bsnCipherKey: Buffer;
  /** Derived, so that key files of earlier versions go on. */
  readonly vaultKey: Buffer;
  /** Private ES384 key that signs the sandbox's access tokens. */
  readonly tokenKey: JWK;
}

interface KeyFile {
  readonly bsnHashKey: string;
  readonly bsnCipherKey: string;
  readonly tokenKey: JWK;
}

/** Reads the keys of this data folder, or makes them. Two processes that start together end with the same keys. */
export async function openSandboxKeys(dataDir: string): Promise<SandboxKeys> {
  const path = join(dataDir, 'sandbox-keys.json');
  const text = await readFile(path, 'utf8').catch(() => makeKeys(dataDir, path));
  const file = JSON.parse(text) as KeyFile;
  const bsnCipherKey = Buffer.from(file.bsnCipherKey, 'base64');
  return {
    bsnHashKey: Buffer.from(file.bsnHashKey, 'base64'),
    bsnCipherKey,
    vaultKey: Buffer.from(hkdfSync('sha256', bsnCipherKey, '', 'akkoord sandbox vaults', 32)),
    tokenKey: file.tokenKey,
  };
}

/** The public half, as the key set that verifies the sandbox's tokens. */
export function publicKeySet(keys: SandboxKeys): { keys: JWK[] } {
  const { d: privatePart, ...publicKey } = keys.tokenKey;
  return { keys: privatePart === undefined ? [] : [publicKey] };
}

/** A link, unlike a rename, fails when the other process was first: then its keys are read. */
async function makeKeys(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const file: KeyFile = {
    bsnHashKey: randomBytes(32).toString('base64'),
    bsnCipherKey: randomBytes(32).toString('base64'),
    tokenKey: { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'ES384', use: 'sig' },
  };
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, JSON.stringify(file, null, 2), { mode: 0o600 });
  await link(draft, path).catch(() => undefined);
  await rm(draft);
  return readFile(path, 'utf8');
}
