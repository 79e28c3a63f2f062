import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

type Given = Partial<Omit<ElementDefinition, 'base' | 'constraint'>> & {
  readonly base?: string;
  readonly rule?: string;
};

/** One element of a snapshot. `base` is R4's own maximum, `rule` a FHIRPath expression. */
export function element(id: string, type: string, min: number, max: string, given: Given = {}): ElementDefinition {
  const { base, rule, ...rest } = given;
  const path = id.replaceAll(/:[^.]+/g, '');
  return {
    id,
    path,
    min,
    max,
    base: { path, min: 0, max: base ?? max },
    ...(type === '' ? {} : { type: [{ code: type }] }),
    ...(rule === undefined
      ? {}
      : { constraint: [{ key: 'own-1', severity: 'error', human: 'Own rule.', expression: rule }] }),
    ...rest,
  };
}

/** A profile of R4's Basic, which has few elements of its own. */
export function basicProfile(...elements: readonly ElementDefinition[]): StructureDefinition {
  return definition('own-basic', 'Basic', 'resource', [element('Basic', '', 0, '*'), ...elements]);
}

export function extensionProfile(id: string, ...elements: readonly ElementDefinition[]): StructureDefinition {
  const url = `https://akkoord.example/fhir/StructureDefinition/${id}`;
  return definition(id, 'Extension', 'complex-type', [
    element('Extension', '', 0, '*'),
    element('Extension.url', 'http://hl7.org/fhirpath/System.String', 1, '1', { fixedUri: url }),
    ...elements,
  ]);
}

function definition(
  id: string,
  type: string,
  kind: 'resource' | 'complex-type',
  elements: readonly ElementDefinition[],
): StructureDefinition {
  return {
    resourceType: 'StructureDefinition',
    url: `https://akkoord.example/fhir/StructureDefinition/${id}`,
    name: id,
    status: 'active',
    kind,
    abstract: false,
    type,
    derivation: 'constraint',
    snapshot: { element: [...elements] },
  };
}
