import type { OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Answer, useTestServer } from '../setup/test-server.ts';
import {
  type Example,
  type ExampleCheck,
  type ExampleRequest,
  type ExampleResult,
  exampleFiles,
  examplesReadme,
  readExampleFile,
  readExamples,
} from './examples.ts';

const server = useTestServer();
const examples = readExamples();

describe.each([
  ['in order', examples],
  ['in reverse order', examples.toReversed()],
])('the examples, one after the other %s,', (_order, ordered) => {
  it.each(ordered.map((one): [string, Example] => [one.folder, one]))(
    'say what the server answers: %s',
    async (folder, { requests, checks }) => {
      for (const request of requests) await makeRequest(folder, request);
      for (const check of checks) await makeCheck(folder, check);
    },
    LIMIT_MS,
  );
});

describe('the examples', () => {
  it.each(examples.map((one): [string, Example] => [one.folder, one]))(
    '%s tells what it is about, starts from nothing, and is checked',
    (folder, { title, about, requests, checks }) => {
      expect([title.length > 10, about.length > 30]).toEqual([true, true]);
      const start = { file: '../start-from-nothing.json', post: 'Consent/$choose', status: 200 };
      expect(requests[0]).toMatchObject(start);
      expect(checks.length).toBeGreaterThan(0);
      const used = [...requests, ...checks].map(({ file }) => file).filter((file) => !file.startsWith('../'));
      expect([...new Set([...used, 'expected.json'])].sort()).toEqual(exampleFiles(folder));
    },
  );

  it('stand each in the table of the README, with its title', () => {
    const rows = examplesReadme().matchAll(/^\| \[(\S+)\]\((\S+)\) +\| (.*?) +\|$/gm);
    const told = [...rows].map(([, name, link, title]) => [name, link, title]);
    expect(told).toEqual(examples.map(({ folder, title }) => [folder, `${folder}/expected.json`, title]));
  });

  it('could fail: another answer than the expected one is noticed', async () => {
    const check = examples[0]?.checks[0];
    if (check === undefined) throw new Error('there is no first example');
    await makeRequest('02-nothing-allowed', {
      file: 'choose.json',
      post: 'Consent/$choose',
      as: 'citizen 900186021',
      status: 200,
    });
    await expect(makeCheck('01-everything-allowed', check)).rejects.toThrow(/consent-refused/);
  });
});

async function makeRequest(folder: string, request: ExampleRequest): Promise<void> {
  const { file, post, as, status, code } = request;
  const answer = await send(folder, { file, as }, `/${post}`);
  expect([file, answer.status]).toEqual([file, status]);
  if (code !== undefined) expect(codeOf(answer.body)).toBe(code);
}

async function makeCheck(folder: string, check: ExampleCheck): Promise<void> {
  const { file, as, status, code, results, decision, reason } = check;
  const answer = await send(folder, { file, as }, '/Consent/$check');
  expect([file, answer.status]).toEqual([file, status]);
  if (status !== 200) expect(codeOf(answer.body)).toBe(code);
  else if (results === undefined) expect(resultOf(partsOf(answer.body))).toEqual({ decision, reason });
  else expect(partsOf(answer.body).map(({ part = [] }) => resultOf(part))).toEqual(results);
}

function send(folder: string, { file, as }: { file: string; as: string }, path: string): Promise<Answer<unknown>> {
  return server().fhir(path, { as: as.replace(' ', ':'), body: readExampleFile(folder, file) });
}

function partsOf(body: unknown): readonly ParametersParameter[] {
  expect(body).toMatchObject({ resourceType: 'Parameters' });
  return (body as Parameters).parameter ?? [];
}

function resultOf(parts: readonly ParametersParameter[]): ExampleResult {
  const valueOf = (name: string) => parts.find((part) => part.name === name);
  const [outcome, dataCategory] = [valueOf('outcome')?.resource, valueOf('dataCategory')?.valueCoding?.code];
  const reason = valueOf('reason')?.valueCoding?.code;
  return {
    decision: valueOf('decision')?.valueCode ?? '',
    ...(reason === undefined ? {} : { reason }),
    ...(outcome === undefined ? {} : { code: codeOf(outcome) }),
    ...(dataCategory === undefined ? {} : { dataCategory }),
  };
}

function codeOf(body: unknown): string {
  return (body as OperationOutcome).issue[0]?.details?.coding?.[0]?.code ?? '';
}
