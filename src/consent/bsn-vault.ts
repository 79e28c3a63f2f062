import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;

/**
 * Keeps BSNs out of the database: a keyed hash finds a citizen, a ciphertext shows the number again. All BSNs can be
 * hashed in minutes, so both keys live outside the database.
 */
export class BsnVault {
  readonly #hashKey: Buffer;
  readonly #cipherKey: Buffer;
  readonly #linkKey: Buffer;
  readonly #textKey: Buffer;

  /** @param hashKey 32 bytes, HMAC-SHA-256. @param cipherKey 32 bytes, AES-256-GCM. */
  constructor(hashKey: Buffer, cipherKey: Buffer) {
    this.#hashKey = hashKey;
    this.#cipherKey = cipherKey;
    this.#linkKey = Buffer.from(hkdfSync('sha256', cipherKey, '', 'akkoord page links', KEY_LENGTH));
    this.#textKey = Buffer.from(hkdfSync('sha256', hashKey, '', 'akkoord hashed texts', KEY_LENGTH));
  }

  /** The pseudonym under which everything of this citizen is stored: 32 bytes, the same for the same BSN. */
  keyOf(bsn: string): Buffer {
    return createHmac('sha256', this.#hashKey).update(bsn, 'ascii').digest();
  }

  /** A keyed hash, 32 bytes, of a text that must be recognised without being readable. `purpose` keeps kinds apart. */
  hashText(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#textKey).update(`${purpose}\n${text}`, 'utf8').digest();
  }

  /** Nonce, tag and ciphertext; differs each time. */
  seal(bsn: string): Buffer {
    return seal(this.#cipherKey, Buffer.from(bsn, 'ascii'), '');
  }

  /** @throws Error when the ciphertext was made with another key or was changed. */
  open(sealed: Buffer): string {
    return open(this.#cipherKey, sealed, '').toString('ascii');
  }

  /** A text that only this register can read again, for an address. `purpose` must be the same at both ends. */
  sealText(purpose: string, text: string): string {
    return seal(this.#linkKey, Buffer.from(text, 'utf8'), purpose).toString('base64url');
  }

  /** @throws Error for a text that was sealed elsewhere or for another purpose, or was changed. */
  openText(purpose: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.toString('base64url') !== sealed) throw new Error('a sealed text has one spelling');
    return open(this.#linkKey, bytes, purpose).toString('utf8');
  }
}

function seal(key: Buffer, plain: Buffer, purpose: string): Buffer {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose, 'utf8'));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function open(key: Buffer, sealed: Buffer, purpose: string): Buffer {
  const tagEnd = NONCE_LENGTH + TAG_LENGTH;
  const nonce = sealed.subarray(0, NONCE_LENGTH);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH });
  decipher.setAAD(Buffer.from(purpose, 'utf8')).setAuthTag(sealed.subarray(NONCE_LENGTH, tagEnd));
  return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
}
