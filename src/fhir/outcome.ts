import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Issue, Problem, ProblemKind } from '../problem.ts';

/** System of the stable codes in `issue.details`. */
const PROBLEM_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/problem';

type IssueType = OperationOutcomeIssue['code'];

/** R4 issue type of each kind of problem: https://hl7.org/fhir/R4/valueset-issue-type.html */
const TYPE_OF_KIND: Readonly<Record<ProblemKind, IssueType>> = {
  malformed: 'structure',
  unauthenticated: 'login',
  forbidden: 'forbidden',
  'not-found': 'not-found',
  'method-not-allowed': 'not-supported',
  'not-acceptable': 'not-supported',
  'too-slow': 'timeout',
  conflict: 'conflict',
  'in-progress': 'conflict',
  gone: 'deleted',
  'version-stale': 'conflict',
  'too-large': 'too-long',
  'media-type': 'not-supported',
  invalid: 'business-rule',
  'version-required': 'required',
  'too-many': 'throttled',
  unavailable: 'transient',
};

/** Codes that say more than their kind does. */
const TYPE_OF_CODE: ReadonlyMap<string, IssueType> = new Map<string, IssueType>([
  ['code-unknown', 'code-invalid'],
  ['contained-circular', 'structure'],
  ['date-invalid', 'value'],
  ['element-empty', 'structure'],
  ['element-forbidden', 'not-supported'],
  ['element-invalid', 'value'],
  ['element-missing', 'required'],
  ['element-shape', 'structure'],
  ['element-too-many', 'structure'],
  ['element-unknown', 'structure'],
  ['extension-unknown', 'extension'],
  ['narrative-unsafe', 'security'],
  ['period-reversed', 'invariant'],
  ['profile-unknown', 'not-supported'],
  ['reference-type', 'value'],
  ['resource-too-large', 'too-long'],
  ['slice-unknown', 'structure'],
  ['string-character', 'value'],
  ['type-wrong', 'structure'],
  ['value-fixed', 'value'],
]);

/** The OperationOutcome that tells a caller what went wrong: one issue per issue of the problem, all public text. */
export function operationOutcome(problem: Problem): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: problem.issues.map((issue) => outcomeIssue(problem.kind, issue)) };
}

/**
 * The OperationOutcome of something that succeeded.
 * @param text what was done, for the caller to read
 */
export function successOutcome(text: string): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', details: { text } }],
  };
}

function outcomeIssue(kind: ProblemKind, issue: Issue): OperationOutcomeIssue {
  return {
    severity: 'error',
    code: TYPE_OF_CODE.get(issue.code) ?? TYPE_OF_KIND[kind],
    details: { coding: [{ system: PROBLEM_SYSTEM, code: issue.code }], text: issue.text },
    ...(issue.expression === undefined ? {} : { expression: [issue.expression] }),
  };
}
