import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { problem } from '../problem.ts';
import type { Sql } from '../storage/database.ts';
import { type DataKeyRow, findDataKeys, insertDataKey, keepNewestDataKey } from '../storage/holder-vault.ts';

/** A sealed text as it is stored: which data key of the vault, and nonce, tag and ciphertext in base64. */
export interface Sealed {
  readonly key: number;
  readonly sealed: string;
}

const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * The encrypted vaults of holders: each has data keys of its own, wrapped by the master key, which lives outside the
 * database. What a holder registered can be read by nobody who has only the database, and under no other holder's key.
 */
export class HolderVaults {
  readonly #masterKey: Buffer;
  readonly #previousKey: Buffer | undefined;
  readonly #nameKey: Buffer;

  /**
   * @param masterKey wraps data keys, 32 bytes. @param hashKey names vaults, 32 bytes; must stay when the master changes.
   * @param previousKey the master key before this one, while data keys are still wrapped by it
   */
  constructor(masterKey: Buffer, hashKey: Buffer, previousKey?: Buffer) {
    this.#masterKey = masterKey;
    this.#previousKey = previousKey;
    this.#nameKey = Buffer.from(hkdfSync('sha256', hashKey, '', 'akkoord holder vaults', KEY_LENGTH));
  }

  /** The vault of a holder: a keyed hash of its number, 32 bytes. */
  vaultOf(ura: string): Buffer {
    return this.hash('vault', ura);
  }

  /** A keyed hash, 32 bytes, of a text that must be found without being readable. */
  hash(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#nameKey).update(`${purpose}\n${text}`, 'utf8').digest();
  }

  /** The data keys of these vaults, unwrapped. */
  async keysOf(sql: Sql, vaults: readonly Buffer[]): Promise<VaultKeys> {
    return this.#unwrapAll(await findDataKeys(sql, vaults));
  }

  /**
   * The same for one vault, to seal in: it gets its first data key now if it has none, and a rotation removes the newest
   * one only after this transaction has ended.
   */
  async openOrMake(sql: Sql, vault: Buffer, now: number): Promise<VaultKeys> {
    if (!(await keepNewestDataKey(sql, vault))) {
      await insertDataKey(sql, this.newKey(vault, 1), now);
      await keepNewestDataKey(sql, vault);
    }
    return this.keysOf(sql, [vault]);
  }

  /** A new data key for a vault, wrapped. */
  newKey(vault: Buffer, keyVersion: number): DataKeyRow {
    return this.#wrap(vault, { version: keyVersion, key: randomBytes(KEY_LENGTH) });
  }

  /** The data keys of a vault, wrapped by the master key of now. */
  rewrap(vault: Buffer, keys: VaultKeys): DataKeyRow[] {
    return keys.of(vault).map((key) => this.#wrap(vault, key));
  }

  #wrap(vault: Buffer, { version, key }: DataKey): DataKeyRow {
    return { vault, keyVersion: version, wrappedKey: encrypt(this.#masterKey, key, wrapping(vault, version)) };
  }

  #unwrapAll(rows: readonly DataKeyRow[]): VaultKeys {
    return new VaultKeys(rows.map((row) => ({ vault: row.vault, version: row.keyVersion, key: this.#unwrap(row) })));
  }

  #unwrap({ vault, keyVersion, wrappedKey }: DataKeyRow): Buffer {
    const purpose = wrapping(vault, keyVersion);
    for (const master of [this.#masterKey, this.#previousKey]) {
      const key = master === undefined ? undefined : tryDecrypt(master, wrappedKey, purpose);
      if (key !== undefined) return key;
    }
    throw problem('unavailable', 'vault-locked', 'The register cannot open a vault.');
  }
}

/** A data key in the clear. */
interface DataKey {
  readonly version: number;
  readonly key: Buffer;
}

/** Data keys of some vaults, ready to use. Does not outlive the work it was read for. */
export class VaultKeys {
  readonly #keys: ReadonlyMap<string, readonly DataKey[]>;

  constructor(keys: readonly (DataKey & { readonly vault: Buffer })[]) {
    const byVault = new Map<string, DataKey[]>();
    for (const { vault, ...rest } of keys) {
      const name = vault.toString('hex');
      byVault.set(name, [...(byVault.get(name) ?? []), rest]);
    }
    this.#keys = byVault;
  }

  /** The data keys of one vault, oldest first. */
  of(vault: Buffer): readonly DataKey[] {
    return this.#keys.get(vault.toString('hex')) ?? [];
  }

  /** Whether the data key of this version is among these. */
  holds(vault: Buffer, version: number): boolean {
    return this.of(vault).some((one) => one.version === version);
  }

  /** Seals under the newest data key of the vault. `purpose` must be the same at both ends: the id of what it belongs to. */
  seal(vault: Buffer, purpose: string, text: string): Sealed {
    const newest = this.of(vault).at(-1);
    if (newest === undefined) throw new Error('a vault without a data key cannot be sealed');
    const bytes = encrypt(newest.key, Buffer.from(text, 'utf8'), purpose);
    return { key: newest.version, sealed: bytes.toString('base64') };
  }

  /** @throws Problem unavailable when the data key is not among these (it was rotated meanwhile), or the text was changed */
  open(vault: Buffer, purpose: string, { key, sealed }: Sealed): string {
    const found = this.of(vault).find(({ version }) => version === key);
    const plain = found === undefined ? undefined : tryDecrypt(found.key, Buffer.from(sealed, 'base64'), purpose);
    if (plain === undefined) throw problem('unavailable', 'vault-locked', 'The register cannot open a vault.');
    return plain.toString('utf8');
  }
}

function wrapping(vault: Buffer, version: number): string {
  return `data key ${vault.toString('hex')} ${version}`;
}

function encrypt(key: Buffer, plain: Buffer, purpose: string): Buffer {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose, 'utf8'));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function tryDecrypt(key: Buffer, bytes: Buffer, purpose: string): Buffer | undefined {
  const tagEnd = NONCE_LENGTH + TAG_LENGTH;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_LENGTH), {
      authTagLength: TAG_LENGTH,
    });
    decipher.setAAD(Buffer.from(purpose, 'utf8')).setAuthTag(bytes.subarray(NONCE_LENGTH, tagEnd));
    return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
  } catch {
    return undefined;
  }
}
