import { readdirSync, readFileSync } from 'node:fs';

/** Whose token goes along (the words for `npm run token --`; none: no token), and what must come back. */
interface Sending {
  /** The body; absent for a request without one. May hold `{{name}}`: what an earlier answer was kept for. */
  readonly file?: string;
  readonly as?: string;
  readonly status: number;
  /** Of what is refused: the stable code in the OperationOutcome. */
  readonly code?: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** One of the methods, with the address below the FHIR base (empty: the base itself), or from the root when it begins with `/`. */
export type ExampleRequest = Sending &
  Partial<Record<(typeof METHODS)[number], string>> & {
    readonly headers?: Readonly<Record<string, string>>;
    /** What the body of the answer must hold, at least. */
    readonly answer?: object;
    /** The client of which a fresh client assertion stands for `{{assertion}}` in the body. */
    readonly assertion?: string;
    /** Names for values in the answer, by their path in it: `{ "code": "parameter.0.valueString" }`. */
    readonly keep?: Readonly<Record<string, string>>;
    /** What arrives by itself a little later: the request is repeated until the answer holds it. */
    readonly eventually?: boolean;
  };

/** What an answer, or one part of it, must hold. */
export interface ExampleResult {
  readonly decision: string;
  readonly reason?: string;
  readonly code?: string;
  readonly dataCategory?: string;
}

export type ExampleCheck = Sending &
  Partial<ExampleResult> & { readonly file: string; readonly results?: readonly ExampleResult[] };

export interface Example {
  readonly folder: string;
  readonly title: string;
  readonly about: string;
  readonly requests: readonly ExampleRequest[];
  readonly checks: readonly ExampleCheck[];
}

const ROOT = new URL('../../examples/', import.meta.url);

/** Every example, in the order of their names. */
export function readExamples(): readonly Example[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((folder) => ({
      folder,
      ...(JSON.parse(readExampleFile(folder, 'expected.json')) as Omit<Example, 'folder'>),
    }));
}

/** The method and the address of a request. */
export function addressOf(request: ExampleRequest): { readonly method: string; readonly path: string } {
  const method = METHODS.find((one) => request[one] !== undefined) ?? 'post';
  return { method: method.toUpperCase(), path: request[method] ?? '' };
}

/** A file as a tester would send it. */
export function readExampleFile(folder: string, file: string): string {
  return readFileSync(new URL(`${folder}/${file}`, ROOT), 'utf8');
}

/** The names of the files in an example. */
export function exampleFiles(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, ROOT)).sort();
}

/** The README of the examples. */
export function examplesReadme(): string {
  return readFileSync(new URL('README.md', ROOT), 'utf8');
}
