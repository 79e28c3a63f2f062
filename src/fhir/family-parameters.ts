import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { HOLDER_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Answer, Place } from '../decision/consent-profile.ts';
import type { Instant } from '../decision/question.ts';
import { problem } from '../problem.ts';
import { readParameters } from './parameters.ts';
import { placeIdentifier, rankOf } from './profile-parameters.ts';

/** One answer that waits for a parent. */
export interface ProposedAnswer {
  readonly holderPlace: Place;
  readonly requesterPlace: Place;
  readonly decision: Answer['decision'];
  /** Whether it differs from what was confirmed before. */
  readonly isNew: boolean;
}

/** A code for a parent, and what it is for. */
export interface PairingCode {
  readonly code: string;
  readonly expires: Instant;
  readonly answers: readonly ProposedAnswer[];
}

/** The input of `Consent/$confirm`. */
export interface Confirmation {
  readonly code: string;
  readonly decision: 'confirm' | 'reject';
}

const CODE = { value: 'valueString', min: 1 } as const;

/** Reads the input of `Consent/$pairing-code`: nothing at all. @throws Problem `malformed`. */
export function readPairingCodeRequest(body: unknown): void {
  readParameters({}, body);
}

/** Reads the input of `Consent/$review`: the code as the parent wrote it. @throws Problem `malformed`. */
export function readReview(body: unknown): string {
  return readParameters({ code: CODE }, body).code[0].value;
}

/** Reads the input of `Consent/$confirm`. @throws Problem `malformed`, or `invalid` for another decision. */
export function readConfirm(body: unknown): Confirmation {
  const given = readParameters({ code: CODE, decision: { value: 'valueCode', min: 1 } } as const, body);
  const [{ value: decision, expression }] = given.decision;
  if (decision === 'confirm' || decision === 'reject') return { code: given.code[0].value, decision };
  const text = 'The value is none of confirm, reject.';
  throw problem('invalid', 'unknown-decision', text, `${expression}.valueCode`);
}

/** The output of `Consent/$pairing-code`. */
export function writePairingCode({ code, expires, answers }: PairingCode): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'code', valueString: code },
      { name: 'expires', valueInstant: new Date(expires).toISOString() },
      { name: 'summary', valueString: summaryOf(answers) },
    ],
  };
}

/** The output of `Consent/$review`. */
export function writeReview(catalogue: Catalogue, answers: readonly ProposedAnswer[]): Parameters {
  return { resourceType: 'Parameters', parameter: sayAnswers(catalogue, answers) };
}

/** The output of `Consent/$confirm`: what was decided, and about which answers. */
export function writeConfirm(
  catalogue: Catalogue,
  { decision }: Confirmation,
  answers: readonly ProposedAnswer[],
): Parameters {
  const decided = { name: 'decision', valueCode: decision };
  return { resourceType: 'Parameters', parameter: [decided, ...sayAnswers(catalogue, answers)] };
}

function summaryOf(answers: readonly ProposedAnswer[]): string {
  const permits = answers.filter(({ decision }) => decision === 'permit').length;
  return `Answers that wait: ${answers.length} (yes: ${permits}, no: ${answers.length - permits})`;
}

function sayAnswers(catalogue: Catalogue, answers: readonly ProposedAnswer[]): ParametersParameter[] {
  const rank = rankOf(catalogue);
  return [...answers].sort((one, other) => rank(one) - rank(other)).map(sayAnswer);
}

function sayAnswer({ holderPlace, requesterPlace, decision, isNew }: ProposedAnswer): ParametersParameter {
  return {
    name: 'answer',
    part: [
      { name: 'holderPlace', valueIdentifier: placeIdentifier(holderPlace, HOLDER_CATEGORY_SYSTEM) },
      { name: 'requesterPlace', valueIdentifier: placeIdentifier(requesterPlace, REQUESTER_CATEGORY_SYSTEM) },
      { name: 'decision', valueCode: decision },
      { name: 'new', valueBoolean: isNew },
    ],
  };
}
