/** Order of the curve P-384: https://doi.org/10.6028/NIST.SP.800-186 */
const ORDER = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

/** The same token with the other signature that its ES384 key would also verify: (r, n − s) beside (r, s). */
export function flipSignature(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = ORDER - BigInt(`0x${bytes.subarray(48).toString('hex')}`);
  const flipped = Buffer.from(s.toString(16).padStart(96, '0'), 'hex');
  return [header, payload, Buffer.concat([bytes.subarray(0, 48), flipped]).toString('base64url')].join('.');
}

/** A token with this header and payload, whatever its signature. */
export function rawToken(header: object, payload: object, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part(header), part(payload), signature].join('.');
}

/** Another last character, so that one bit of the signature is wrong. */
export function spoilSignature(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  return [header, payload, bytes.toString('base64url')].join('.');
}
