import type { Answer, Call, TestServer } from '../setup/test-server.ts';
import { codesOf } from './answers.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';

/** Sends what must be refused: nothing may be stored, and the log must hold the attempt, once. */
export async function refused(server: TestServer, path: string, call: Call, outcome = '4'): Promise<Answer<unknown>> {
  const before = await storedRows(server);
  const { id, headers } = namedRequest();
  const answer = await server.fhir(path, { ...call, headers: { ...call.headers, ...headers } });
  expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome' });
  for (const code of codesOf(answer)) expect(code).toMatch(/^[a-z0-9-]+$/);
  expect(await storedRows(server)).toEqual(before);
  expect((await logged(server, id)).map((record) => record.outcome)).toEqual([outcome]);
  return answer;
}

/** Nothing that stands in the request as a value of the citizen may stand in the answer. */
export function expectNoEcho(answer: Answer<unknown>, ...values: readonly string[]): void {
  // The one number that is part of a rule.
  const text = JSON.stringify(answer.body).replaceAll(', not 000000000', '');
  for (const value of values) expect(text).not.toContain(value);
  expect(text).not.toMatch(/\d{9}/);
}
