import type { OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { DATA_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Decision } from '../decision/decision.ts';
import type { Problem } from '../problem.ts';
import type { CheckCall, CheckItem } from './check-parameters.ts';
import { DECISION_REASON_SYSTEM } from './identifiers.ts';

/** A decision with the id of its audit record (a bare UUID). */
interface CheckAnswer {
  readonly decisionId: string;
  readonly evaluatedAt: number;
  readonly decision: Decision;
}

/** What became of one item: an answer per data category asked, or why it could not be asked. */
export type CheckResult = { readonly decisions: readonly CheckAnswer[] } | { readonly problem: Problem };

export interface CheckTelling {
  /** False for a caller that learns permit or deny only, not why. */
  readonly reasons: boolean;
  readonly outcomeOf: (problem: Problem) => OperationOutcome;
}

const DISPLAYS: Readonly<Record<Decision['reason'], string>> = {
  'consent-given': 'Consent given',
  'emergency-grant': 'Emergency grant in force',
  'no-consent': 'No consent recorded',
  'consent-refused': 'Consent refused',
  'data-category-not-covered': 'Data category not covered by the consent',
  'minor-unconfirmed': 'Not yet confirmed by a parent or guardian',
  'requester-not-eligible': 'Requester not eligible',
  'consent-unreadable': 'A recorded consent cannot be read',
};

/**
 * The output of `Consent/$check`, in the shape it was asked in. `results` stand in the order of `call.items`; within an
 * item an answer is found by its data category.
 *
 * @throws Problem of the item, when a single question could not be asked; Error when an answer is missing.
 */
export function writeCheck(call: CheckCall, results: readonly CheckResult[], telling: CheckTelling): Parameters {
  if (results.length !== call.items.length) throw new Error('As many results as items are expected.');
  const said = call.items.map((item, at) => sayItem(item, results[at], call.shape, telling));
  const parameter = call.shape === 'batch' ? said.map((part) => ({ name: 'result', part })) : (said[0] ?? []);
  return { resourceType: 'Parameters', parameter };
}

function sayItem(
  item: CheckCall['items'][number],
  result: CheckResult | undefined,
  shape: CheckCall['shape'],
  telling: CheckTelling,
): ParametersParameter[] {
  const problem = 'problem' in item ? item.problem : problemOf(result);
  if (problem !== undefined && shape !== 'batch') throw problem;
  if (problem !== undefined) return sayProblem(problem, telling);
  if ('problem' in item || result === undefined || 'problem' in result) throw new Error('An item has no result.');
  const { dataCategories } = item;
  if (dataCategories.length < 2) return sayAnswer(item, answerFor(result.decisions, dataCategories[0]), telling);
  return dataCategories.map((category) => {
    const answer = sayAnswer(item, answerFor(result.decisions, category), telling);
    return { name: 'result', part: [sayCategory(category), ...answer] };
  });
}

function problemOf(result: CheckResult | undefined): Problem | undefined {
  return result !== undefined && 'problem' in result ? result.problem : undefined;
}

/** A broken item never permits: its decision is a deny, and its outcome says why there is no real one. */
function sayProblem(problem: Problem, telling: CheckTelling): ParametersParameter[] {
  return [
    { name: 'decision', valueCode: 'deny' },
    { name: 'outcome', resource: telling.outcomeOf(problem) },
  ];
}

function answerFor(answers: readonly CheckAnswer[], category: string | undefined): CheckAnswer {
  const found =
    category === undefined ? answers[0] : answers.find(({ decision }) => decision.dataCategory === category);
  if (found === undefined) throw new Error('A data category that was asked has no answer.');
  return found;
}

function sayAnswer(item: CheckItem, answer: CheckAnswer, { reasons }: CheckTelling): ParametersParameter[] {
  const { decision, decisionId, evaluatedAt } = answer;
  return [
    { name: 'decision', valueCode: decision.decision },
    ...(reasons ? [sayReason(decision)] : []),
    ...(reasons && item.detail === 'full' ? decision.basedOn.map(sayBasis) : []),
    { name: 'catalogueVersion', valueString: decision.catalogueVersion },
    { name: 'evaluatedAt', valueInstant: new Date(evaluatedAt).toISOString() },
    ...(reasons && decision.nextChangeAt !== undefined ? [sayNextChange(decision.nextChangeAt)] : []),
    { name: 'decisionId', valueUri: `urn:uuid:${decisionId}` },
  ];
}

function sayReason({ reason }: Decision): ParametersParameter {
  return { name: 'reason', valueCoding: { system: DECISION_REASON_SYSTEM, code: reason, display: DISPLAYS[reason] } };
}

function sayBasis(reference: string): ParametersParameter {
  return { name: 'basedOn', valueReference: { reference } };
}

function sayNextChange(at: number): ParametersParameter {
  return { name: 'nextChangeAt', valueInstant: new Date(at).toISOString() };
}

function sayCategory(code: string): ParametersParameter {
  return { name: 'dataCategory', valueCoding: { system: DATA_CATEGORY_SYSTEM, code } };
}
