import { loadDataType, OperationOutcomeError, validateResource } from '@medplum/core';
import type { OperationOutcomeIssue, Resource, StructureDefinition } from '@medplum/fhirtypes';
import type { Issue } from '../problem.ts';
import { finding, shownPath } from './finding.ts';

/** R4's own sentence for a rule of its own, as @medplum/core reports it. Neither part holds a value. */
const CONSTRAINT = /^Constraint ([A-Za-z0-9-]+) not met: (.+)$/s;

/** Makes R4's own definitions known to @medplum/core, which keeps them for the whole process. */
export function registerBaseTypes(definitions: readonly StructureDefinition[]): void {
  definitions.forEach(loadDataType);
}

/**
 * What R4 itself, without any profile, refuses in a resource: the formats and the invariants of its types. Structure is
 * checked as well, but our own walk names the elements more exactly.
 */
export function baseIssues(resource: Readonly<Record<string, unknown>>, type: string): readonly Issue[] {
  try {
    validateResource(resource as unknown as Resource);
    return [];
  } catch (error) {
    // Anything but a list of findings means the validator lost its way in a value of a wrong type.
    if (!(error instanceof OperationOutcomeError)) return [finding('element-invalid', type)];
    return error.outcome.issue.filter(({ severity }) => severity === 'error').map((issue) => readIssue(issue, type));
  }
}

function readIssue({ code, details, expression }: OperationOutcomeIssue, type: string): Issue {
  const path = shownPath(expression?.[0] ?? type);
  const [, key, human] = (code === 'invariant' ? CONSTRAINT.exec(details?.text ?? '') : null) ?? [];
  return key === undefined || human === undefined
    ? finding('element-invalid', path)
    : { code: key, text: human, expression: path };
}
