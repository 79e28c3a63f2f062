import type { Caller } from '../auth/caller.ts';
import type { Decision } from '../decision/decision.ts';
import type { Party } from '../decision/question.ts';
import type { CheckItem } from '../fhir/check-parameters.ts';
import type { Problem } from '../problem.ts';

/** One decision with the id its audit record has. */
export interface RecordedDecision {
  readonly decisionId: string;
  /** Milliseconds since the epoch. */
  readonly evaluatedAt: number;
  /** The parties as the registry knows them. */
  readonly holder: Party;
  readonly requester: Party;
  readonly decision: Decision;
}

/** What became of one item: a decision per data category asked, or why it could not be asked. */
export type CheckResult = { readonly decisions: readonly RecordedDecision[] } | { readonly problem: Problem };

/** An item of a call; one that could not be read carries its problem along, so that no neighbour suffers. */
export type CheckInput = CheckItem | { readonly problem: Problem };

/** What an item asks, and the citizen it is about. */
export interface AskedItem {
  readonly item: CheckItem;
  readonly patientKey: Buffer;
}

/** An item the caller may ask, or why not: then with what was asked, as far as it could be read. */
export type AdmittedItem = AskedItem | { readonly problem: Problem; readonly refused?: AskedItem };

export interface JudgedItem {
  readonly admitted: AdmittedItem;
  readonly result: CheckResult;
}

/** A call of `$check`, as far as its caller may ask. */
export interface AskedCall {
  readonly access: { readonly caller: Caller; readonly requestId: string };
  readonly items: readonly AdmittedItem[];
}

/** Results in the order of the items, once they are recorded. @throws Problem unavailable; then nothing may be answered */
export type JudgeCall = (call: AskedCall) => Promise<CheckResult[]>;
