import { createHash, randomBytes } from 'node:crypto';

/** Base 32 in small letters, without 0 and 1: https://www.rfc-editor.org/rfc/rfc4648#section-6 */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CODE_BYTES = 16;

/** A code that nobody guesses: 128 random bits as 26 letters and digits. */
export function newMailCode(): string {
  const bits = [...randomBytes(CODE_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET.charAt(parseInt(five.padEnd(5, '0'), 2))).join('');
}

/** What is kept of a code: with 128 random bits a plain hash gives nothing away. */
export function hashMailCode(code: string): Buffer {
  return createHash('sha256').update(code, 'utf8').digest();
}

const WHOLE = /(?<=^|\s|#)[a-z2-7]{26}(?=\s|$)/;

/** The code in what somebody typed, in groups or not, or pasted: the link, or the mail as a whole. */
export function readMailCode(written: string): string {
  const text = written.toLowerCase();
  return WHOLE.exec(text)?.[0] ?? text.replaceAll(/[\s-]/g, '');
}
