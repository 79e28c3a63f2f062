import type { SearchParameter } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

/** A search parameter of one resource type, its expression compiled once. */
export interface SearchRule {
  readonly code: string;
  readonly definition: SearchParameter;
  /** The values of the parameter in a resource, as FHIRPath gives them. */
  readonly extract: (resource: unknown) => readonly unknown[];
}

/**
 * Compiles search parameters, by resource type and code.
 *
 * @throws Error naming the parameter when its expression cannot be compiled.
 */
export function compileSearchRules(
  parameters: readonly SearchParameter[],
): ReadonlyMap<string, ReadonlyMap<string, SearchRule>> {
  const rules = new Map<string, Map<string, SearchRule>>();
  for (const definition of parameters) {
    for (const type of definition.base) {
      const ofType = rules.get(type) ?? new Map<string, SearchRule>();
      ofType.set(definition.code, compileRule(definition));
      rules.set(type, ofType);
    }
  }
  return rules;
}

function compileRule(definition: SearchParameter): SearchRule {
  const { code, url, expression } = definition;
  // Parameters such as _text have no expression: they find nothing.
  if (expression === undefined) return { code, definition, extract: () => [] };
  try {
    const extract: SearchRule['extract'] = fhirpath.compile(expression, r4, { async: false });
    return { code, definition, extract: (resource) => extract(resource) };
  } catch (cause) {
    throw new Error(`The expression of search parameter ${url} cannot be compiled.`, { cause });
  }
}
