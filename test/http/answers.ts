import type { Bundle, OperationOutcome, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import type { Answer } from '../setup/test-server.ts';

/** The stable codes of an OperationOutcome; empty when the body is something else. */
export function codesOf({ body }: Answer<unknown>): string[] {
  return issuesOf(body).map((issue) => issue.details?.coding?.[0]?.code ?? '');
}

/** What the OperationOutcome is about: one line per issue, the elements it names. */
export function elementsOf({ body }: Answer<unknown>): string[] {
  return issuesOf(body).flatMap((issue) => issue.expression ?? []);
}

function issuesOf(body: unknown): OperationOutcome['issue'] {
  const outcome = body as OperationOutcome | undefined;
  return outcome?.resourceType === 'OperationOutcome' ? outcome.issue : [];
}

/** Status and first code in one text, for tables: `422 element-unknown`. */
export function verdict(answer: Answer<unknown>): string {
  return [String(answer.status), ...codesOf(answer).slice(0, 1)].join(' ');
}

export function entriesOf<T extends Resource = Resource>({ body }: Answer<unknown>): T[] {
  return ((body as Bundle).entry ?? []).map(({ resource }) => resource as T);
}

export function idsOf(answer: Answer<unknown>): string[] {
  return entriesOf(answer).map(({ id }) => id ?? '');
}

/** The address of the next page, below the FHIR base. */
export function nextOf({ body }: Answer<unknown>): string | undefined {
  const url = (body as Bundle).link?.find(({ relation }) => relation === 'next')?.url;
  return url?.slice(url.indexOf('/fhir/') + '/fhir'.length);
}

/** The parts of the answer to a `$check`, by name; the first of each. */
export function partsOf(answer: Answer<unknown>): Record<string, ParametersParameter> {
  return byName((answer.body as Parameters).parameter ?? []);
}

/** The same for each `result`. */
export function resultsOf(answer: Answer<unknown>): Record<string, ParametersParameter>[] {
  const results = ((answer.body as Parameters).parameter ?? []).filter(({ name }) => name === 'result');
  return results.map(({ part }) => byName(part ?? []));
}

function byName(parts: readonly ParametersParameter[]): Record<string, ParametersParameter> {
  return Object.fromEntries([...parts].reverse().map((part) => [part.name, part]));
}
