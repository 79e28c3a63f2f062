import { hash } from 'node:crypto';

/** SHA-256 of a token or an id: what the database knows it by. */
export function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
