import type { CodeSet } from './code-set.ts';
import type { Invariant } from './invariant.ts';

/** What a profile says about one element, compiled from its snapshot. */
export interface ElementRule {
  /** FHIRPath name of the last step: `value` for `value[x]`. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Whether JSON writes it as a list. */
  readonly repeats: boolean;
  readonly types: readonly TypeRule[];
  readonly fixed?: unknown;
  readonly pattern?: unknown;
  /** Only of a required binding. */
  readonly codes?: CodeSet;
  readonly invariants: readonly Invariant[];
  /** The profile's own say about what is inside; otherwise the type's counts. */
  readonly children?: Children;
  /** The element whose types and content this one repeats (R4's contentReference). */
  readonly contentOf?: ElementRule;
  readonly slicing?: Slicing;
}

export interface TypeRule {
  readonly code: string;
  /** Absent for primitive types. */
  readonly structure?: Structure;
  /** Resource types a Reference may point to; absent when any. */
  readonly targets?: ReadonlySet<string>;
}

/** A compiled StructureDefinition. Filled after it is made, because types hold each other. */
export interface Structure {
  readonly url: string;
  readonly type: string;
  children: Children;
  invariants: readonly Invariant[];
}

export interface Children {
  readonly rules: readonly PlacedRule[];
  /** By JSON key, `valueCode` for a choice. */
  readonly byKey: ReadonlyMap<string, TypedRule>;
}

/** A rule with the JSON keys under which its element can stand. */
export interface PlacedRule {
  readonly rule: ElementRule;
  readonly keys: readonly string[];
}

export interface TypedRule {
  readonly rule: ElementRule;
  readonly type: TypeRule;
}

export interface Slicing {
  readonly closed: boolean;
  readonly slices: readonly Slice[];
}

export interface Slice {
  readonly name: string;
  readonly rule: ElementRule;
  /** All must hold for a value to be of this slice. */
  readonly tests: readonly SliceTest[];
}

/** One discriminator of a slice, made into a test of a value. `type` is the type the JSON key told. */
export type SliceTest = (value: unknown, type: string) => boolean;

/** Nothing inside. */
export const NO_CHILDREN: Children = { rules: [], byKey: new Map() };
