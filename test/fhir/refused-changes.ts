import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';

/** One change to a valid resource (JSON Patch without the test) and what it is refused for. */
export interface Change {
  readonly rule: string;
  readonly patch: readonly {
    readonly op: 'add' | 'remove' | 'replace';
    readonly path: string;
    readonly value?: unknown;
  }[];
  /** `code expression` of every issue. */
  readonly refused: readonly string[];
}

/** A changed copy. Unlike a client's patch, it may touch anything. */
export function changed(resource: object, patch: Change['patch']): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(resource));
  applyPatch(copy, [...patch] as Operation[]);
  return copy;
}

/** A change that sets one element. */
export function set(rule: string, path: string, value: unknown, ...refused: readonly string[]): Change {
  return { rule, patch: [{ op: 'add', path, value }], refused };
}

/** A change that puts another value in place. */
export function put(rule: string, path: string, value: unknown, ...refused: readonly string[]): Change {
  return { rule, patch: [{ op: 'replace', path, value }], refused };
}

/** A change that takes one element away. */
export function drop(rule: string, path: string, ...refused: readonly string[]): Change {
  return { rule, patch: [{ op: 'remove', path }], refused };
}
