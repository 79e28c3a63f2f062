import type { ElementDefinition, ElementDefinitionSlicingDiscriminator } from '@medplum/fhirtypes';
import type { ElementRule, Slice, SliceTest, Slicing } from './element-rule.ts';
import { equals, includes } from './fixed-value.ts';

interface NamedRule {
  readonly name: string;
  readonly rule: ElementRule;
}

/**
 * Compiles how the slices of an element are told apart. Discriminators by value, pattern, type and existence are read.
 *
 * @throws Error naming the slice when its discriminator is of another kind or its profile gives it nothing to compare.
 */
export function compileSlices(element: ElementDefinition, slices: readonly NamedRule[]): Slicing {
  const { path, slicing } = element;
  // Only slices by type of a choice may come without an explicit discriminator.
  const discriminators = slicing?.discriminator ?? [{ type: 'type', path: '$this' }];
  return {
    closed: slicing?.rules === 'closed',
    slices: slices.map(({ name, rule }): Slice => {
      const tests = discriminators.map((discriminator) => compileTest(`${path}:${name}`, rule, discriminator));
      return { name, rule, tests };
    }),
  };
}

function compileTest(
  name: string,
  rule: ElementRule,
  { type, path }: ElementDefinitionSlicingDiscriminator,
): SliceTest {
  const steps = path === '$this' ? [] : path.split('.');
  if (type === 'type' && steps.length === 0) {
    const types = new Set(rule.types.map(({ code }) => code));
    return (_, valueType) => types.has(valueType);
  }
  if (type === 'exists') return existenceTest(name, rule, steps);
  if (type === 'value' || type === 'pattern') return valueTest(name, rule, steps);
  throw new Error(`Slice ${name} is told apart by ${type}, which is not supported.`);
}

function existenceTest(name: string, rule: ElementRule, steps: readonly string[]): SliceTest {
  const target = steps.reduce<ElementRule | undefined>(childOf, rule);
  if (target === undefined) throw new Error(`Slice ${name} is told apart by an element that is not there.`);
  return (value) => valuesAt(value, steps).length > 0 === target.max > 0;
}

function valueTest(name: string, rule: ElementRule, steps: readonly string[]): SliceTest {
  const [type] = rule.types;
  // An extension's profile fixes its url to its own.
  if (type?.code === 'Extension' && type.structure !== undefined && steps.join('.') === 'url') {
    const { url } = type.structure;
    return (value) => valuesAt(value, steps).includes(url);
  }
  const test = expectation(rule, steps);
  if (test === undefined) throw new Error(`Slice ${name} cannot be told apart by ${steps.join('.')}.`);
  return (value) => valuesAt(value, steps).some(test);
}

/** What the profile of a slice asks of the element at the end of the steps. */
function expectation(rule: ElementRule, steps: readonly string[]): ((value: unknown) => boolean) | undefined {
  const { fixed, pattern, codes } = rule;
  const [step, ...rest] = steps;
  if (fixed !== undefined) return givenBy(fixed, steps, equals);
  if (pattern !== undefined && valuesAt(pattern, steps).length > 0) return givenBy(pattern, steps, includes);
  if (step === undefined)
    return codes === undefined ? undefined : (value) => typeof value === 'string' && codes.has(value);
  const child = childOf(rule, step);
  return child === undefined ? undefined : expectation(child, rest);
}

function givenBy(
  whole: unknown,
  steps: readonly string[],
  matches: (value: unknown, expected: unknown) => boolean,
): (value: unknown) => boolean {
  const [expected] = valuesAt(whole, steps);
  return (value) => matches(value, expected);
}

function childOf(rule: ElementRule | undefined, step: string): ElementRule | undefined {
  const children = rule?.children ?? rule?.types[0]?.structure?.children;
  return children?.rules.find((placed) => placed.rule.name === step)?.rule;
}

/** Every value at the end of the steps; lists are walked through. */
function valuesAt(value: unknown, steps: readonly string[]): readonly unknown[] {
  const here = (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined && item !== null);
  const [step, ...rest] = steps;
  if (step === undefined) return here;
  return here.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && Object.hasOwn(item, step)
      ? valuesAt((item as Record<string, unknown>)[step], rest)
      : [],
  );
}
