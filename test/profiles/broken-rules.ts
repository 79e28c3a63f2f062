import type { ElementDefinitionConstraint, StructureDefinition } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

export interface PlacedRule extends ElementDefinitionConstraint {
  readonly path: string;
}

/** Our own rules in a profile's snapshot, with the element each stands on. */
export function rulesOf(profile: StructureDefinition): readonly PlacedRule[] {
  const elements = profile.snapshot?.element ?? [];
  return elements.flatMap(({ path, constraint = [] }) =>
    constraint.filter(({ key }) => key.startsWith('akk-')).map((rule) => ({ ...rule, path: path.replace('[x]', '') })),
  );
}

/** The rules that an instance breaks, as `key element`, each once. */
export function brokenRules(profile: StructureDefinition, resource: object): readonly string[] {
  const broken = rulesOf(profile).filter((rule) => {
    const found = focuses(resource, rule.path.split('.').slice(1));
    return found.some((focus) => !holds(rule, focus, resource));
  });
  return [...new Set(broken.map(({ key, path }) => `${key} ${path}`))];
}

/** The elements of an instance at the end of the steps. */
function focuses(value: unknown, steps: readonly string[]): readonly unknown[] {
  const here: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const [step, ...rest] = steps;
  if (step === undefined) return here;
  return here.flatMap((item) => focuses((item as Record<string, unknown>)[step], rest));
}

type Evaluate = (focus: unknown, variables: { resource: object }) => readonly unknown[];
const compiled = new Map<string, Evaluate>();

/** Compiles a rule once: parsing takes far longer than judging. */
export function compileRule({ path, expression = '' }: PlacedRule): Evaluate {
  const known = compiled.get(path + expression);
  if (known !== undefined) return known;
  const evaluate: Evaluate = fhirpath.compile({ base: path, expression }, r4, { async: false });
  compiled.set(path + expression, evaluate);
  return evaluate;
}

function holds(rule: PlacedRule, focus: unknown, resource: object): boolean {
  const result = compileRule(rule)(focus, { resource });
  return result.length === 1 && result[0] === true;
}
