import type { OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { signAssertion } from '../../src/sandbox/sign-assertion.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Answer, useTestServer } from '../setup/test-server.ts';
import {
  type Example,
  type ExampleCheck,
  type ExampleRequest,
  type ExampleResult,
  addressOf,
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
      const kept: Kept = new Map();
      for (const request of requests) await makeRequest(folder, request, kept);
      for (const check of checks) await makeCheck(folder, check, kept);
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
      expect([...checks, ...requests.filter(({ answer }) => answer !== undefined)].length).toBeGreaterThan(0);
      const files = [...requests, ...checks].flatMap(({ file }) => file ?? []);
      const used = files.filter((file) => !file.startsWith('../'));
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

/** What earlier answers of an example were kept for, by name. */
type Kept = Map<string, string>;

/** Longest wait for what arrives by itself, and the pause between two looks, in milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 100;

async function makeRequest(folder: string, request: ExampleRequest, kept: Kept = new Map()): Promise<void> {
  const { path } = addressOf(request);
  const deadline = Date.now() + (request.eventually === true ? PATIENCE : 0);
  const made = async () => {
    const answer = await send(folder, request, kept);
    expect([path, request.file, answer.status]).toEqual([path, request.file, request.status]);
    if (request.code !== undefined) expect(codeOf(answer.body)).toBe(request.code);
    if (request.answer !== undefined) expect(answer.body).toMatchObject(request.answer);
    for (const [name, where] of Object.entries(request.keep ?? {})) kept.set(name, valueAt(answer.body, where));
  };
  for (;;) {
    try {
      await made();
      return;
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

async function makeCheck(folder: string, check: ExampleCheck, kept: Kept = new Map()): Promise<void> {
  const { file, status, code, results, decision, reason } = check;
  const answer = await send(folder, { ...check, post: 'Consent/$check' }, kept);
  expect([file, answer.status]).toEqual([file, status]);
  if (status !== 200) expect(codeOf(answer.body)).toBe(code);
  else if (results === undefined) expect(resultOf(partsOf(answer.body))).toEqual({ decision, reason });
  else expect(partsOf(answer.body).map(({ part = [] }) => resultOf(part))).toEqual(results);
}

/** A path that begins with `/` is one from the root of the server, every other one lies below the FHIR base. */
async function send(folder: string, request: ExampleRequest, kept: Kept): Promise<Answer<unknown>> {
  const { method, path } = addressOf(request);
  const { file, as, headers, assertion } = request;
  const keys = await openSandboxKeys(server().dataDir);
  if (assertion !== undefined) kept.set('assertion', await signAssertion(keys, assertion, server().baseUrl));
  const filled = fill(path, kept);
  const call = {
    method,
    ...(as === undefined ? {} : { as: as.replace(' ', ':') }),
    ...(headers === undefined ? {} : { headers: filledIn(headers, kept) }),
    ...(file === undefined ? {} : { body: fill(readExampleFile(folder, file), kept) }),
  };
  return path.startsWith('/') ? server().ask(filled, call) : server().fhir(`/${filled}`, call);
}

function filledIn(headers: Readonly<Record<string, string>>, kept: Kept): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, kept)]));
}

function fill(text: string, kept: Kept): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => {
    const value = kept.get(name);
    if (value === undefined) throw new Error(`nothing was kept for ${name}`);
    return value;
  });
}

function valueAt(body: unknown, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
  if (typeof found !== 'string') throw new Error(`the answer holds no text at ${path}`);
  return found;
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
