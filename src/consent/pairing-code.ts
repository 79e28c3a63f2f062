import { randomInt, timingSafeEqual } from 'node:crypto';
import type { ConsentRow } from '../storage/consent.ts';
import type { PairingCodeRow } from '../storage/pairing-code.ts';
import type { BsnVault } from './bsn-vault.ts';

/** 32 letters and digits of which no two look alike: without 0 and O, 1 and I. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 8;
/** How much of a code finds it; the rest proves it. So a wrong guess at a living code is known to be one. */
const SELECTOR_LENGTH = 4;

const WRITTEN = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** A new code, of 40 random bits. */
export function newCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}

/** A code as somebody writes it: small letters, spaces and hyphens do not matter. Undefined for what is none. */
export function readCode(written: string): string | undefined {
  const code = written.replaceAll(/[\s-]/g, '').toUpperCase();
  return WRITTEN.test(code) ? code : undefined;
}

/** What is kept of a code: keyed hashes. */
export function hashesOf(vault: BsnVault, code: string): Pick<PairingCodeRow, 'selector' | 'verifier'> {
  return {
    selector: vault.hashText('pairing code selector', code.slice(0, SELECTOR_LENGTH)),
    verifier: vault.hashText('pairing code', code),
  };
}

/** A keyed hash of the Consents that wait, each with its version. */
export function hashProposals(vault: BsnVault, proposals: readonly ConsentRow[]): Buffer {
  const versions = proposals.map(({ id, version }) => `${id} ${version}`).sort();
  return vault.hashText('proposals', versions.join('\n'));
}

/** Compares two hashes in constant time. */
export function isSameHash(one: Buffer, other: Buffer): boolean {
  return timingSafeEqual(one, other);
}
