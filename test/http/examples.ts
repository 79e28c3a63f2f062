import { readdirSync, readFileSync } from 'node:fs';

/** A body to send, and whose token goes along: the words for `npm run token --`. */
interface Sending {
  readonly file: string;
  readonly as: string;
  readonly status: number;
  /** Of what is refused: the stable code in the OperationOutcome. */
  readonly code?: string;
}

export interface ExampleRequest extends Sending {
  /** Address below the FHIR base; empty: the base itself. */
  readonly post: string;
}

/** What an answer, or one part of it, must hold. */
export interface ExampleResult {
  readonly decision: string;
  readonly reason?: string;
  readonly code?: string;
  readonly dataCategory?: string;
}

export type ExampleCheck = Sending & Partial<ExampleResult> & { readonly results?: readonly ExampleResult[] };

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
