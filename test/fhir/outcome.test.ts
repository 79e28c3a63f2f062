import { operationOutcome, successOutcome } from '../../src/fhir/outcome.ts';
import { problem, Problem } from '../../src/problem.ts';

describe('operationOutcome', () => {
  it('tells every issue with its stable code, sentence and element', () => {
    const issues = [
      { code: 'element-missing', text: 'The element is required.', expression: 'Consent.status' },
      { code: 'akk-con-1', text: 'A rule.' },
    ] as const;
    const system = 'https://akkoord.example/fhir/CodeSystem/problem';
    expect(operationOutcome(new Problem('invalid', issues))).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: 'required',
          details: { coding: [{ system, code: 'element-missing' }], text: 'The element is required.' },
          expression: ['Consent.status'],
        },
        {
          severity: 'error',
          code: 'business-rule',
          details: { coding: [{ system, code: 'akk-con-1' }], text: 'A rule.' },
        },
      ],
    });
  });

  it.each([
    ['malformed', 'json-syntax', 'structure'],
    ['unauthenticated', 'token-invalid', 'login'],
    ['forbidden', 'not-allowed', 'forbidden'],
    ['not-found', 'unknown', 'not-found'],
    ['gone', 'deleted', 'deleted'],
    ['version-stale', 'version-stale', 'conflict'],
    ['too-many', 'too-many', 'throttled'],
    ['unavailable', 'unavailable', 'transient'],
    ['invalid', 'code-unknown', 'code-invalid'],
    ['invalid', 'extension-unknown', 'extension'],
  ] as const)('gives %s (%s) the issue type %s', (kind, code, type) => {
    expect(operationOutcome(problem(kind, code, 'A sentence.')).issue[0]?.code).toBe(type);
  });

  it('keeps the cause to itself', () => {
    const outcome = operationOutcome(problem('unavailable', 'storage', 'Try later.', undefined, new Error('secret')));
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });
});

describe('successOutcome', () => {
  it('is informational', () => {
    expect(successOutcome('The resource was deleted.').issue).toEqual([
      { severity: 'information', code: 'informational', details: { text: 'The resource was deleted.' } },
    ]);
  });
});
