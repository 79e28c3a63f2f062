import { problem } from '../problem.ts';

/** FHIR systems of the national numbers, and the code systems of HL7 that our profiles use. */
export const BSN_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/bsn';
export const URA_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/ura';
/** Registered programs that call, by their client id. */
export const CLIENT_SYSTEM = 'https://akkoord.example/fhir/NamingSystem/client';
export const UZI_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/uzi-nr-pers';
export const UZI_ROLE_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/uzi-rolcode';
export const PURPOSE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
export const PARTICIPATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
export const DECISION_REASON_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/decision-reason';

declare const checked: unique symbol;

/** A citizen service number that passed the eleven-test. */
export type Bsn = string & { readonly [checked]: 'bsn' };

const NINE_DIGITS = /^[0-9]{9}$/;
const EIGHT_DIGITS = /^[0-9]{8}$/;
const ROLE = /^[0-9]{2}\.[0-9]{3}$/;
const WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1];

/** Nine ASCII digits that pass the eleven-test and are not all zero. */
export function isBsn(text: string): text is Bsn {
  if (!NINE_DIGITS.test(text) || text === '000000000') return false;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return sum % 11 === 0;
}

/** @throws Problem `malformed` with code `bsn-invalid`. */
export function readBsn(text: string, expression?: string): Bsn {
  if (isBsn(text)) return text;
  throw problem('malformed', 'bsn-invalid', 'The BSN is not nine digits that pass the eleven-test.', expression);
}

/** Whether a text has the form of an organisation number. */
export function isUra(text: string): boolean {
  return EIGHT_DIGITS.test(text);
}

/** Organisation number: eight digits, kept as text because zeros may lead. @throws Problem `malformed`, `ura-invalid`. */
export function readUra(text: string, expression?: string): string {
  if (isUra(text)) return text;
  throw problem('malformed', 'ura-invalid', 'The organisation number (URA) is not eight digits.', expression);
}

/** Number of a professional's card: nine digits. @throws Problem `malformed`, `uzi-invalid`. */
export function readUzi(text: string, expression?: string): string {
  if (NINE_DIGITS.test(text)) return text;
  throw problem('malformed', 'uzi-invalid', 'The professional number (UZI) is not nine digits.', expression);
}

/** Role code of a professional, such as `01.015`. @throws Problem `malformed`, `role-invalid`. */
export function readRole(text: string, expression?: string): string {
  if (ROLE.test(text)) return text;
  throw problem('malformed', 'role-invalid', 'The role code is not two digits, a point and three digits.', expression);
}
