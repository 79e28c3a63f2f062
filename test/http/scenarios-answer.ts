import type { OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Expected } from '../decision/case.ts';
import type { Answer } from '../setup/test-server.ts';

/** What was answered about each data category asked, by category; `''` when the question named none or could not be asked. */
export function answersIn({ status, body }: Answer<unknown>): ReadonlyMap<string, Expected> {
  if (status !== 200) return new Map([['', { error: problemCode(body as OperationOutcome) } as Expected]]);
  const parts = (body as Parameters).parameter ?? [];
  const results = parts.filter(({ name }) => name === 'result');
  if (results.length === 0) return new Map([['', answerIn(parts)]]);
  return new Map(results.map(({ part = [] }) => [codingIn(part, 'dataCategory'), answerIn(part)]));
}

/** What was answered to each request of a batch, in order. */
export function batchAnswersIn({ status, body }: Answer<unknown>): readonly Expected[] {
  expect(status).toBe(200);
  return ((body as Parameters).parameter ?? []).map(({ part = [] }) => answerIn(part));
}

/** The stable code of the first problem in an OperationOutcome. */
export function problemCode(outcome: OperationOutcome): string {
  expect(outcome.resourceType).toBe('OperationOutcome');
  return outcome.issue[0]?.details?.coding?.[0]?.code ?? '';
}

function answerIn(parts: readonly ParametersParameter[]): Expected {
  const outcome = parts.find(({ name }) => name === 'outcome')?.resource;
  if (outcome !== undefined) return { error: problemCode(outcome as OperationOutcome) } as Expected;
  const nextChangeAt = parts.find(({ name }) => name === 'nextChangeAt')?.valueInstant;
  return {
    decision: parts.find(({ name }) => name === 'decision')?.valueCode,
    reason: codingIn(parts, 'reason'),
    basedOn: parts.flatMap(({ name, valueReference }) => (name === 'basedOn' ? [valueReference?.reference ?? ''] : [])),
    ...(nextChangeAt === undefined ? {} : { nextChangeAt }),
  } as Expected;
}

function codingIn(parts: readonly ParametersParameter[], wanted: string): string {
  return parts.find(({ name }) => name === wanted)?.valueCoding?.code ?? '';
}
