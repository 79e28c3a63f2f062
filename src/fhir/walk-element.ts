import type { Issue } from '../problem.ts';
import { checkComplex, checkPrimitive, isObject } from './check-value.ts';
import type { Children, ElementRule, PlacedRule, Slice, TypedRule, TypeRule } from './element-rule.ts';
import { finding, pathOf } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { isPrimitive } from './primitive.ts';

/** One walk over one resource: what is looked at and what was found. */
export interface Walk {
  readonly resource: unknown;
  readonly issues: Issue[];
}

/** One value of an element, with what JSON writes beside it under `_name`, and its FHIRPath. */
interface Item {
  readonly value: unknown;
  readonly beside: unknown;
  readonly path: string;
}

const ID: TypedRule = {
  rule: { name: 'id', min: 0, max: 1, repeats: false, types: [], invariants: [] },
  type: { code: 'string' },
};
const EXTENSION: TypedRule = {
  rule: { name: 'extension', min: 0, max: Infinity, repeats: true, types: [], invariants: [] },
  type: { code: 'Extension' },
};
/** What R4 lets stand beside a primitive value, under its name with `_` before it. */
const BESIDE_PRIMITIVE: Children = {
  rules: [
    { rule: ID.rule, keys: ['id'] },
    { rule: EXTENSION.rule, keys: ['extension'] },
  ],
  byKey: new Map([
    ['id', ID],
    ['extension', EXTENSION],
  ]),
};

/** Checks everything an object holds against the rules of its children. `path` is the FHIRPath of the object. */
export function walkChildren(walk: Walk, children: Children, object: Record<string, unknown>, path: string): void {
  for (const key of Object.keys(object)) checkKey(walk, children, key, path);
  for (const placed of children.rules) walkElement(walk, children, placed, object, path);
}

function checkKey(walk: Walk, { rules, byKey }: Children, key: string, path: string): void {
  const name = key.startsWith('_') ? key.slice(1) : key;
  const known = byKey.get(name);
  if (known !== undefined && (name === key || isPrimitive(known.type.code))) return;
  const choice = rules.find(({ keys, rule }) => !keys.includes(rule.name) && isTypeOf(name, rule.name));
  if (choice === undefined) walk.issues.push(finding('element-unknown', pathOf(path, key)));
  else
    walk.issues.push(
      finding(choice.rule.max === 0 ? 'element-forbidden' : 'type-wrong', `${path}.${choice.rule.name}`),
    );
}

/** Whether a key is the choice element `name` with some type behind it. */
function isTypeOf(key: string, name: string): boolean {
  return key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length));
}

function walkElement(
  walk: Walk,
  { byKey }: Children,
  { rule, keys }: PlacedRule,
  object: Record<string, unknown>,
  path: string,
): void {
  const here = `${path}.${rule.name}`;
  const present = keys.filter((key) => object[key] !== undefined || object[`_${key}`] !== undefined);
  const [key] = present;
  const typed = key === undefined ? undefined : byKey.get(key);
  if (key === undefined || typed === undefined) {
    if (rule.min > 0) noteMissing(walk, rule, new Map(), here, 0);
    return;
  }
  if (rule.max === 0) walk.issues.push(finding('element-forbidden', here));
  else if (present.length > 1) walk.issues.push(finding('element-too-many', here));
  else walkItems(walk, typed, object[key], object[`_${key}`], here);
}

function walkItems(walk: Walk, { rule, type }: TypedRule, value: unknown, beside: unknown, path: string): void {
  const given = [value, beside].filter((side) => side !== undefined);
  if (given.some((side) => Array.isArray(side) !== rule.repeats)) {
    walk.issues.push(finding('element-shape', path));
    return;
  }
  const items = rule.repeats ? pair(value ?? [], beside ?? [], path) : [{ value, beside, path }];
  if (items.length === 0) walk.issues.push(finding('element-empty', path));
  else if (items.length > rule.max) walk.issues.push(finding('element-too-many', path));
  else walkSlices(walk, rule, type, items, path);
}

function pair(value: unknown, beside: unknown, path: string): readonly Item[] {
  const [values, besides] = [value as readonly unknown[], beside as readonly unknown[]];
  return Array.from({ length: Math.max(values.length, besides.length) }, (_, index) => ({
    value: values[index],
    beside: besides[index],
    path: `${path}[${index}]`,
  }));
}

function walkSlices(walk: Walk, rule: ElementRule, type: TypeRule, items: readonly Item[], path: string): void {
  const counts = new Map<string, number>();
  for (const item of items) {
    const slice = rule.slicing?.slices.find(({ tests }) => tests.every((test) => test(item.value, type.code)));
    if (slice === undefined) {
      walkUnsliced(walk, rule, type, item);
      continue;
    }
    counts.set(slice.name, (counts.get(slice.name) ?? 0) + 1);
    if (slice.rule.max === 0) walk.issues.push(finding('element-forbidden', item.path));
    else walkValue(walk, slice.rule, slice.rule.types.find(({ code }) => code === type.code) ?? type, item);
  }
  noteMissing(walk, rule, counts, path, items.length);
  noteTooMany(walk, rule, counts, path);
}

function walkUnsliced(walk: Walk, rule: ElementRule, type: TypeRule, item: Item): void {
  if (type.code === 'Extension') walk.issues.push(finding('extension-unknown', item.path));
  else if (rule.slicing?.closed === true) walk.issues.push(finding('slice-unknown', item.path));
  else walkValue(walk, rule, type, item);
}

/** Names what is missing as exactly as can be: the slices of an element rather than the element. */
function noteMissing(
  walk: Walk,
  rule: ElementRule,
  counts: ReadonlyMap<string, number>,
  path: string,
  count: number,
): void {
  const slices = rule.slicing?.slices ?? [];
  const missing = slices.filter((slice) => (counts.get(slice.name) ?? 0) < slice.rule.min);
  walk.issues.push(...missing.map((slice) => finding('element-missing', slicePath(slice, path))));
  if (missing.length === 0 && count < rule.min) walk.issues.push(finding('element-missing', path));
}

function noteTooMany(walk: Walk, rule: ElementRule, counts: ReadonlyMap<string, number>, path: string): void {
  const slices = rule.slicing?.slices ?? [];
  const crowded = slices.filter(({ name, rule: { max } }) => max > 0 && (counts.get(name) ?? 0) > max);
  walk.issues.push(...crowded.map((slice) => finding('element-too-many', slicePath(slice, path))));
}

/** FHIRPath of a slice: `Consent.extension('url')` for an extension, otherwise that of the sliced element. */
function slicePath({ rule }: Slice, path: string): string {
  const url = rule.types[0]?.code === 'Extension' ? rule.types[0].structure?.url : undefined;
  return url === undefined ? path : `${path}('${url}')`;
}

function walkValue(walk: Walk, rule: ElementRule, type: TypeRule, item: Item): void {
  const found = walk.issues.length;
  if (isPrimitive(type.code)) walkPrimitive(walk, rule, type, item);
  else walkComplex(walk, rule, type, item);
  // A rule about an element whose parts are wrong would only repeat it in other words.
  if (walk.issues.length === found) {
    walkInvariants(walk, [...rule.invariants, ...(type.structure?.invariants ?? [])], item.value, item.path);
  }
}

/** Checks the rules of a profile about one element, or about the whole resource. */
export function walkInvariants(walk: Walk, invariants: readonly Invariant[], focus: unknown, path: string): void {
  for (const { key, human, holds } of invariants) {
    if (!holds(focus, walk.resource)) walk.issues.push({ code: key, text: human, expression: path });
  }
}

function walkPrimitive(walk: Walk, rule: ElementRule, type: TypeRule, { value, beside, path }: Item): void {
  if (isObject(beside)) walkChildren(walk, rule.children ?? BESIDE_PRIMITIVE, beside, path);
  else if (beside !== undefined && beside !== null) walk.issues.push(finding('element-shape', path));
  const code = checkPrimitive(rule, type, value);
  if (code !== undefined) walk.issues.push(finding(code, path));
}

function walkComplex(walk: Walk, rule: ElementRule, type: TypeRule, { value, path }: Item): void {
  if (!isObject(value)) {
    walk.issues.push(finding('type-wrong', path));
    return;
  }
  const children = rule.children ?? rule.contentOf?.children ?? type.structure?.children;
  if (children !== undefined) walkChildren(walk, children, value, path);
  walk.issues.push(...checkComplex(rule, type, value, path));
}
