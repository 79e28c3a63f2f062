import type { ElementDefinition, ElementDefinitionType, StructureDefinition } from '@medplum/fhirtypes';
import { expandValueSet, withoutVersion } from './code-set.ts';
import type { CodeSet, Terminology } from './code-set.ts';
import { compileSlices } from './compile-slices.ts';
import { NO_CHILDREN } from './element-rule.ts';
import type { Children, ElementRule, PlacedRule, Structure, TypedRule, TypeRule } from './element-rule.ts';
import { compileInvariant } from './invariant.ts';
import type { Invariant } from './invariant.ts';
import { isPrimitive } from './primitive.ts';
import { findNode, snapshotTree } from './snapshot-tree.ts';
import type { SnapshotNode } from './snapshot-tree.ts';

const R4 = 'http://hl7.org/fhir/StructureDefinition/';
/** R4's own type for `id` and the like, written as a FHIRPath type. */
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';

/** Types whose content, if any, stands in the snapshot itself or is never read. */
const OPAQUE_TYPES: ReadonlySet<string> = new Set(['BackboneElement', 'Element', 'Resource']);
/** A constraint of resources that @medplum/core skips. It skips dom-3 too, about contained resources: those are refused. */
const LEFT_TO_US = 'org-1';
/**
 * Constraints of data types that the walk itself keeps: nothing is empty, an extension has what its profile says, a
 * period is not reversed, a reference does not point into its own resource.
 */
const KEPT_BY_WALK: ReadonlySet<string> = new Set(['ele-1', 'ext-1', 'per-1', 'ref-1']);

/** What compiling needs and what it has made so far. */
export interface RuleBook extends Terminology {
  readonly structureDefinitions: ReadonlyMap<string, StructureDefinition>;
  /** Constraints that the structural check of R4 itself evaluates, by key. */
  readonly baseConstraints: ReadonlySet<string>;
  readonly structures: Map<string, Structure>;
  readonly codeSets: Map<string, CodeSet>;
}

/** Where a snapshot element is compiled: its definition and the tree it stands in. */
interface Place {
  readonly book: RuleBook;
  readonly root: SnapshotNode;
  readonly made: Map<SnapshotNode, ElementRule>;
}

/**
 * Compiles a StructureDefinition and every type it can hold, once.
 *
 * @throws Error with a sentence naming the definition, binding or constraint that is missing or wrong.
 */
export function compileStructure(book: RuleBook, canonical: string): Structure {
  const url = withoutVersion(canonical);
  const known = book.structures.get(url);
  if (known !== undefined) return known;
  const definition = book.structureDefinitions.get(url);
  if (definition === undefined) throw new Error(`StructureDefinition ${url} is not there.`);
  const structure: Structure = { url, type: definition.type, children: NO_CHILDREN, invariants: [] };
  book.structures.set(url, structure);
  const root = snapshotTree(definition);
  structure.children = compileChildren({ book, root, made: new Map() }, root);
  const isOurs = definition.kind === 'resource' ? isOursOfElement : isOursOfType;
  structure.invariants = compileInvariants(book, root.element, isOurs);
  return structure;
}

function compileChildren(place: Place, node: SnapshotNode): Children {
  const rules = node.children.map((child): PlacedRule => {
    const rule = compileRule(place, child);
    return { rule, keys: typedKeys(child.element, rule).map(([key]) => key) };
  });
  const byKey = node.children.flatMap((child, index): [string, TypedRule][] => {
    const rule = rules[index]?.rule;
    return rule === undefined ? [] : typedKeys(child.element, rule).map(([key, type]) => [key, { rule, type }]);
  });
  return { rules, byKey: new Map(byKey) };
}

/** JSON keys of an element with the type each tells; a forbidden element keeps its keys, so that it is refused by name. */
function typedKeys(element: ElementDefinition, rule: ElementRule): readonly [string, TypeRule][] {
  const name = nameOf(element);
  if (!element.path.endsWith('[x]')) return [[name, rule.types[0] ?? { code: 'Element' }]];
  return rule.types.map((type) => [name + type.code.charAt(0).toUpperCase() + type.code.slice(1), type]);
}

function nameOf(element: ElementDefinition): string {
  return element.path.slice(element.path.lastIndexOf('.') + 1).replace('[x]', '');
}

function compileRule(place: Place, node: SnapshotNode): ElementRule {
  const known = place.made.get(node);
  if (known !== undefined) return known;
  const { element } = node;
  const max = element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max);
  const repeats = (element.base?.max ?? element.max) !== '1';
  const types = (element.type ?? []).map((type) => compileType(place.book, type, max === 0));
  const rule: ElementRule = { name: nameOf(element), min: element.min ?? 0, max, repeats, types, invariants: [] };
  place.made.set(node, rule);
  return max === 0 ? rule : Object.assign(rule, compileContent(place, node));
}

/** Everything that counts only where the element may stand. */
function compileContent(place: Place, node: SnapshotNode): Partial<ElementRule> {
  const { element } = node;
  const content: { -readonly [Key in keyof ElementRule]?: ElementRule[Key] } = {
    invariants: compileInvariants(place.book, element, isOursOfElement),
  };
  const fixed = chosen(element, 'fixed');
  const pattern = chosen(element, 'pattern');
  if (fixed !== undefined) content.fixed = fixed;
  if (pattern !== undefined) content.pattern = pattern;
  if (element.binding?.strength === 'required') content.codes = codeSetOf(place.book, element);
  if (element.contentReference !== undefined) content.contentOf = referredRule(place, element.contentReference);
  if (node.children.length > 0) content.children = compileChildren(place, node);
  if (node.slices.length > 0) content.slicing = compileSlices(element, namedSlices(place, node));
  return content;
}

function namedSlices(place: Place, node: SnapshotNode): readonly { name: string; rule: ElementRule }[] {
  return node.slices.map((slice) => ({
    name: slice.element.sliceName ?? '',
    // A slice that says nothing about its content has that of the element it is a slice of.
    rule: compileRule(place, slice.children.length > 0 ? slice : { ...slice, children: node.children }),
  }));
}

function referredRule(place: Place, contentReference: string): ElementRule {
  const target = findNode(place.root, contentReference.slice(contentReference.indexOf('#') + 1));
  if (target === undefined) throw new Error(`A snapshot refers to ${contentReference}, which is not in it.`);
  return compileRule(place, target);
}

function compileType(book: RuleBook, type: ElementDefinitionType, isForbidden: boolean): TypeRule {
  const code = type.code.startsWith(SYSTEM_TYPE) ? 'string' : type.code;
  // Of an extension that no profile describes nothing is read: it is refused.
  const isOpaque = OPAQUE_TYPES.has(code) || (code === 'Extension' && type.profile === undefined);
  if (isForbidden || isPrimitive(code) || isOpaque) return { code };
  const structure = compileStructure(book, type.profile?.[0] ?? R4 + code);
  const targets = targetsOf(book, type.targetProfile ?? []);
  return { code, structure, ...(targets === undefined ? {} : { targets }) };
}

/** Resource types behind the canonical URLs of a Reference's targets; undefined when any type will do. */
function targetsOf(book: RuleBook, canonicals: readonly string[]): ReadonlySet<string> | undefined {
  const types = canonicals.map((canonical) => {
    const url = withoutVersion(canonical);
    const type = url.startsWith(R4) ? url.slice(R4.length) : book.structureDefinitions.get(url)?.type;
    if (type === undefined) throw new Error(`StructureDefinition ${url}, the target of a reference, is not there.`);
    return type;
  });
  return types.length === 0 || types.includes('Resource') ? undefined : new Set(types);
}

type IsOurs = (book: RuleBook, key: string) => boolean;

/** @medplum/core checks the constraints of a resource and of its elements, ... */
const isOursOfElement: IsOurs = (book, key) => key === LEFT_TO_US || !book.baseConstraints.has(key);
/** ... but not those of the types of its elements. */
const isOursOfType: IsOurs = (_, key) => !KEPT_BY_WALK.has(key);

function compileInvariants(book: RuleBook, element: ElementDefinition, isOurs: IsOurs): readonly Invariant[] {
  return (element.constraint ?? [])
    .filter(({ key, severity, expression }) => severity === 'error' && expression !== undefined && isOurs(book, key))
    .map((constraint) => compileInvariant(element, constraint));
}

function codeSetOf(book: RuleBook, { path, binding }: ElementDefinition): CodeSet {
  const url = withoutVersion(binding?.valueSet ?? '');
  const known = book.codeSets.get(url);
  if (known !== undefined) return known;
  try {
    const codes = expandValueSet(book, url);
    book.codeSets.set(url, codes);
    return codes;
  } catch (cause) {
    throw new Error(`The binding of ${path} cannot be resolved: ${(cause as Error).message}`, { cause });
  }
}

/** The value of `fixed[x]` or `pattern[x]`. */
function chosen(element: ElementDefinition, name: 'fixed' | 'pattern'): unknown {
  const key = Object.keys(element).find((candidate) => new RegExp(`^${name}[A-Z]`).test(candidate));
  return key === undefined ? undefined : element[key as keyof ElementDefinition];
}
