import { isBsn } from '../../src/fhir/identifiers.ts';

let lastBsn = 999_900_000;
let lastUra = 90_010_000;

/** A citizen nobody knows yet: a number of the test range that passes the eleven-test. */
export function freshBsn(): string {
  do lastBsn += 1;
  while (!isBsn(String(lastBsn)));
  return String(lastBsn);
}

/** The number of an organisation nobody knows yet. */
export function freshUra(): string {
  lastUra += 1;
  return String(lastUra);
}

export const NOOR = '900186021';
export const KARIM = '900203638';
export const ELS = '900203651';

export const GP = '00000659';
export const POST = '00000666';
export const HOSPITAL = '00005098';
export const PHARMACY = '00014332';
export const LABORATORY = '90000382';
/** An organisation the sandbox does not know. */
export const UNREGISTERED = '90000697';
