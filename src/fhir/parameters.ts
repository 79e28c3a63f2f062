import type { Issue } from '../problem.ts';
import { Problem } from '../problem.ts';
import type { ParameterValues, ValueName } from './parameter-value.ts';
import { readValue } from './parameter-value.ts';

interface Cardinality {
  /** Default 0. */
  readonly min?: 0 | 1;
  /** Default 1. */
  readonly max?: number;
}
/** One allowed parameter: a value, a group of parts, or parts that the caller reads later by itself (`later`). */
type ParameterSpec = Cardinality &
  ({ readonly value: ValueName } | { readonly parts: ParameterSpecs } | { readonly later: true });
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

interface Content<Spec extends ParameterSpec> {
  /** FHIRPath of the parameter, for instance `Parameters.parameter[2]`. */
  readonly expression: string;
  readonly value: Spec extends { value: infer Name extends ValueName } ? ParameterValues[Name] : undefined;
  readonly parts: Spec extends { parts: infer Specs extends ParameterSpecs } ? ReadParameters<Specs> : undefined;
  /** The unread `part` list of a parameter that is read later. */
  readonly later: unknown;
}

/** Every allowed name with what was given for it, in order; never empty for a required one. */
export type ReadParameters<Specs extends ParameterSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { min: 1 }
    ? readonly [Content<Specs[Name]>, ...Content<Specs[Name]>[]]
    : readonly Content<Specs[Name]>[];
};

type Found = Record<string, { expression: string; value: unknown; parts: unknown; later: unknown }[]>;

const RESOURCE_KEYS = new Set(['resourceType', 'id', 'meta', 'language', 'parameter']);
/** More issues than these help nobody and would make the answer larger than the question. */
const MOST_ISSUES = 20;

/**
 * Reads a Parameters resource of which every name, value type and cardinality is known beforehand (rule 8).
 *
 * @throws Problem `malformed` naming each parameter that is unknown, of another type, repeated or missing.
 */
export function readParameters<Specs extends ParameterSpecs>(specs: Specs, body: unknown): ReadParameters<Specs> {
  const isParameters = isObject(body) && body['resourceType'] === 'Parameters';
  if (!isParameters) throw new Problem('malformed', [issue('parameters-expected', 'Not a Parameters resource.')]);
  if (Object.keys(body).some((key) => !RESOURCE_KEYS.has(key))) {
    throw new Problem('malformed', [issue('element-unknown', 'An element that is not known here.', 'Parameters')]);
  }
  return readParameterList(specs, body['parameter'] ?? [], 'Parameters.parameter', 'Parameters');
}

/** The same for the content of one parameter: `list` is its `part`. */
export function readParameterList<Specs extends ParameterSpecs>(
  specs: Specs,
  list: unknown,
  expression: string,
  parent: string,
): ReadParameters<Specs> {
  const issues: Issue[] = [];
  const found = readList(specs, list, expression, parent, issues);
  const [first, ...others] = issues.slice(0, MOST_ISSUES);
  if (first !== undefined) throw new Problem('malformed', [first, ...others]);
  // Built by name from the same specs that make up the type, and without issues only.
  return found as unknown as ReadParameters<Specs>;
}

function readList(specs: ParameterSpecs, list: unknown, expression: string, parent: string, issues: Issue[]): Found {
  const found: Found = {};
  for (const name of Object.keys(specs)) found[name] = [];
  if (!Array.isArray(list)) {
    issues.push(issue('list-expected', 'A list of parameters is expected.', expression));
    return found;
  }
  for (const [at, element] of list.entries()) readElement(specs, element, `${expression}[${at}]`, found, issues);
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.min === 1 && found[name]?.length === 0) {
      issues.push(issue('parameter-missing', `The parameter ${name} is required.`, parent));
    }
  }
  return found;
}

function readElement(specs: ParameterSpecs, element: unknown, expression: string, found: Found, issues: Issue[]): void {
  if (issues.length >= MOST_ISSUES) return;
  const name = isObject(element) ? element['name'] : undefined;
  if (!isObject(element) || typeof name !== 'string' || !Object.hasOwn(specs, name)) {
    issues.push(issue('parameter-unknown', 'A parameter that is not known here.', expression));
    return;
  }
  const spec = specs[name];
  const given = found[name];
  if (spec === undefined || given === undefined) return;
  if (given.length === (spec.max ?? 1)) {
    issues.push(issue('parameter-repeated', `The parameter ${name} is given too often.`, expression));
    return;
  }
  given.push(readContent(spec, name, element, expression, issues));
}

function readContent(
  spec: ParameterSpec,
  name: string,
  element: Readonly<Record<string, unknown>>,
  expression: string,
  issues: Issue[],
): Found[string][number] {
  const key = 'value' in spec ? spec.value : 'part';
  const content = { expression, value: undefined, parts: undefined, later: undefined };
  if (Object.keys(element).some((other) => other !== 'name' && other !== key) || element[key] === undefined) {
    issues.push(issue('parameter-type', `The parameter ${name} takes ${key} and nothing else.`, expression));
    return content;
  }
  if ('later' in spec) return { ...content, later: element[key] };
  const where = `${expression}.${key}`;
  if ('parts' in spec) return { ...content, parts: readList(spec.parts, element[key], where, expression, issues) };
  const value = readValue(spec.value, element[key]);
  if (value === undefined) issues.push(issue('value-malformed', `The value of ${name} cannot be read.`, where));
  return { ...content, value };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function issue(code: string, text: string, expression?: string): Issue {
  return expression === undefined ? { code, text } : { code, text, expression };
}
