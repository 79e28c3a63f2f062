import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Keeps BSNs out of the database: a keyed hash finds a citizen, a ciphertext shows the number again. All BSNs can be
 * hashed in minutes, so both keys live outside the database.
 */
export class BsnVault {
  readonly #hashKey: Buffer;
  readonly #cipherKey: Buffer;

  /** @param hashKey 32 bytes, HMAC-SHA-256. @param cipherKey 32 bytes, AES-256-GCM. */
  constructor(hashKey: Buffer, cipherKey: Buffer) {
    this.#hashKey = hashKey;
    this.#cipherKey = cipherKey;
  }

  /** The pseudonym under which everything of this citizen is stored: 32 bytes, the same for the same BSN. */
  keyOf(bsn: string): Buffer {
    return createHmac('sha256', this.#hashKey).update(bsn, 'ascii').digest();
  }

  /** Nonce, tag and ciphertext; differs each time. */
  seal(bsn: string): Buffer {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', this.#cipherKey, nonce);
    const sealed = Buffer.concat([cipher.update(bsn, 'ascii'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws Error when the ciphertext was made with another key or was changed. */
  open(sealed: Buffer): string {
    const tagEnd = NONCE_LENGTH + TAG_LENGTH;
    const decipher = createDecipheriv('aes-256-gcm', this.#cipherKey, sealed.subarray(0, NONCE_LENGTH));
    decipher.setAuthTag(sealed.subarray(NONCE_LENGTH, tagEnd));
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString('ascii');
  }
}
