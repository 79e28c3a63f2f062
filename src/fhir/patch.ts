import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { problem } from '../problem.ts';
import type { Problem, ProblemKind } from '../problem.ts';
import { sizeWithin } from './limits.ts';

const MAX_OPERATIONS = 1000;
/** What all operations of one patch together may put into a resource, in the measure of `sizeWithin`: some 20,000 values. */
const MAX_ADDED = 1_000_000;
const OPERATIONS: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const WITH_VALUE: ReadonlySet<unknown> = new Set(['add', 'replace', 'test']);
const WITH_FROM: ReadonlySet<unknown> = new Set(['move', 'copy']);
/** What the server alone writes, and what would make the resource another one. */
const SERVER_ELEMENTS: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);
const PROTOTYPE_TOKENS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** RFC 6901: `~` stands only before 0 or 1. */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;
const POSITION = /^(?:0|[1-9][0-9]*|-)$/;

/**
 * Applies a JSON Patch (RFC 6902) to a copy of a resource; the given resource stays as it was. All operations or none.
 * The result still has to be validated. Source: https://hl7.org/fhir/R4/http.html#patch
 *
 * @param patch the parsed body of the request
 * @throws Problem `malformed` (`patch-malformed`) when the document is no JSON Patch; `invalid` (`patch-forbidden`) when
 *   it names `id`, `meta`, `resourceType`, the whole resource or a prototype; `conflict` when the resource is not in the
 *   state the patch supposes: a path leads nowhere (`patch-path`) or a `test` does not hold (`patch-test-failed`);
 *   `too-large` (`patch-too-large`) when it would make the resource grow out of hand, as copies of copies do. The kinds
 *   follow RFC 5789 section 2.2, to which RFC 6902 section 5 refers and which FHIR leaves open.
 */
export function patchResource<T extends object>(resource: T, patch: unknown): T {
  const operations = readOperations(patch);
  operations.forEach(refuseForbidden);
  const copy = JSON.parse(JSON.stringify(resource)) as T;
  let room = MAX_ADDED;
  for (const [index, operation] of operations.entries()) {
    room -= growth(copy, operation, room);
    if (room < 0) throw about(index, 'too-large', 'patch-too-large', 'puts more into the resource than it may hold');
    apply(copy, operation, index);
  }
  return copy;
}

function readOperations(patch: unknown): readonly Operation[] {
  if (!Array.isArray(patch) || patch.length === 0 || patch.length > MAX_OPERATIONS) {
    throw problem('malformed', 'patch-malformed', 'A JSON Patch is a list of 1 to 1,000 operations.');
  }
  return patch.map((operation: unknown, index) => {
    if (isOperation(operation)) return operation;
    throw about(index, 'malformed', 'patch-malformed', 'is not an operation of JSON Patch');
  });
}

function isOperation(value: unknown): value is Operation {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { op, path, from } = value as Record<string, unknown>;
  if (!OPERATIONS.has(op) || !isPointer(path)) return false;
  return (!WITH_VALUE.has(op) || Object.hasOwn(value, 'value')) && (!WITH_FROM.has(op) || isPointer(from));
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && (value === '' || POINTER.test(value));
}

function refuseForbidden(operation: Operation, index: number): void {
  const pointers = 'from' in operation ? [operation.path, operation.from] : [operation.path];
  if (pointers.some((pointer) => isForbidden(pointer, operation.op))) {
    throw about(index, 'invalid', 'patch-forbidden', 'names an element that a patch may not name');
  }
}

/** A `test` may look at everything but a prototype: comparing `/meta/versionId` is what it is good for. */
function isForbidden(pointer: string, op: Operation['op']): boolean {
  const tokens = tokensOf(pointer);
  if (tokens.some((token) => PROTOTYPE_TOKENS.has(token))) return true;
  return op !== 'test' && (tokens[0] === undefined || SERVER_ELEMENTS.has(tokens[0]));
}

/** How much an operation puts into the resource, counted no further than just beyond `room`. */
function growth(resource: object, operation: Operation, room: number): number {
  if (operation.op === 'copy') return sizeWithin(valueAt(resource, operation.from), room);
  return operation.op === 'add' || operation.op === 'replace' ? sizeWithin(operation.value, room) : 0;
}

function apply(resource: object, operation: Operation, index: number): void {
  const pointers = 'from' in operation ? [operation.from, operation.path] : [operation.path];
  if (!pointers.every((pointer) => hasParent(resource, pointer))) throw leadsNowhere(index);
  const [failure] = applyPatch(resource, [operation]);
  if (failure === null) return;
  if (failure?.name !== 'TestError') throw leadsNowhere(index);
  throw about(index, 'conflict', 'patch-test-failed', 'is a test that does not hold');
}

/**
 * Whether the element that holds the one pointed at is there. The library also follows what objects inherit
 * (`/toString/call` would write into the language itself) and reads any key of a list, so the way is walked here first.
 */
function hasParent(resource: object, pointer: string): boolean {
  const tokens = tokensOf(pointer);
  const last = tokens.pop() ?? '';
  const parent = follow(resource, tokens);
  if (Array.isArray(parent)) return POSITION.test(last);
  return isContainer(parent) && (Object.hasOwn(parent, last) || !(last in parent));
}

/** The value that a pointer leads to; undefined when it leads nowhere. */
function valueAt(resource: object, pointer: string): unknown {
  return follow(resource, tokensOf(pointer));
}

function follow(resource: object, tokens: readonly string[]): unknown {
  let value: unknown = resource;
  for (const token of tokens) {
    if (!isContainer(value) || !Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function tokensOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map(unescapeToken);
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function leadsNowhere(index: number): Problem {
  return about(index, 'conflict', 'patch-path', 'has a path that leads to no element');
}

function about(index: number, kind: ProblemKind, code: string, text: string): Problem {
  return problem(kind, code, `Operation ${index} of the patch (counted from 0) ${text}.`);
}
