import { problem } from '../problem.ts';
import type { Bsn } from './identifiers.ts';
import { bsnOf, uraOf } from './parameter-codes.ts';
import { readParameters } from './parameters.ts';
import { readReason } from './reason.ts';

/** An emergency grant as it is asked for, not yet checked against the registry. */
export interface GrantRequest {
  readonly bsn: Bsn;
  /** The holders it is about, each once; empty: all holders of the patient. */
  readonly holders: readonly NamedHolder[];
  readonly patientAgreed: 'agreed' | 'unable';
  /** Where that stands, as FHIRPath. */
  readonly agreedExpression: string;
  readonly reason: string;
}

export interface NamedHolder {
  readonly ura: string;
  /** Where it stands, as FHIRPath. */
  readonly expression: string;
}

const MOST_HOLDERS = 100;
const GRANT = {
  patient: { value: 'valueIdentifier', min: 1 },
  holder: { value: 'valueIdentifier', max: MOST_HOLDERS },
  patientAgreed: { value: 'valueCode', min: 1 },
  reason: { value: 'valueString' },
} as const;
const CONSENT_ADDRESS = /^Consent\/([A-Za-z0-9.-]{1,64})$/;

/**
 * Reads the input of `Consent/$grant-emergency`.
 *
 * @throws Problem `malformed` for its form; `invalid` for an unknown code, and without a reason that can be kept.
 */
export function readGrantEmergency(body: unknown): GrantRequest {
  const given = readParameters(GRANT, body);
  const agreed = given.patientAgreed[0];
  const holders = given.holder.map((one) => ({ ura: uraOf(one), expression: one.expression }));
  return {
    bsn: bsnOf(given.patient[0]),
    holders: [...new Map(holders.map((holder) => [holder.ura, holder])).values()],
    patientAgreed: readAgreed(agreed.value, `${agreed.expression}.valueCode`),
    agreedExpression: agreed.expression,
    reason: requireReason(given.reason[0]),
  };
}

/** Reads the input of `Consent/$end-emergency`: the id of the grant. @throws Problem `malformed`. */
export function readEndEmergency(body: unknown): string {
  const [{ value, expression }] = readParameters(
    { consent: { value: 'valueReference', min: 1 } } as const,
    body,
  ).consent;
  const id = CONSENT_ADDRESS.exec(value.reference)?.[1];
  if (id !== undefined && (value.type ?? 'Consent') === 'Consent') return id;
  const text = 'The grant is named by its address, Consent and its id.';
  throw problem('malformed', 'consent-address', text, `${expression}.valueReference`);
}

function readAgreed(word: string, expression: string): GrantRequest['patientAgreed'] {
  if (word === 'agreed' || word === 'unable') return word;
  throw problem('invalid', 'unknown-agreement', 'The value is none of agreed, unable.', expression);
}

function requireReason(given: { readonly value: string; readonly expression: string } | undefined): string {
  if (given !== undefined) return readReason(given);
  throw problem('invalid', 'reason-required', 'An emergency grant needs a reason.', 'Parameters');
}
