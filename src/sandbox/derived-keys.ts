import { createECDH, hkdfSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { SandboxKeys } from './keys.ts';

/** 48 bytes for one purpose: derived, so that key files of earlier versions go on. */
export function deriveBytes({ bsnCipherKey }: SandboxKeys, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', bsnCipherKey, '', `akkoord sandbox ${purpose}`, 48));
}

/** A private ES384 key for one purpose. */
export function deriveSigningKey(keys: SandboxKeys, purpose: string, kid: string): JWK {
  const secret = deriveBytes(keys, purpose);
  const curve = createECDH('secp384r1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  return {
    kty: 'EC',
    crv: 'P-384',
    x: point.subarray(1, 49).toString('base64url'),
    y: point.subarray(49).toString('base64url'),
    d: secret.toString('base64url'),
    kid,
    alg: 'ES384',
    use: 'sig',
  };
}
