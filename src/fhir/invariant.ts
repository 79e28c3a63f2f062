import type { ElementDefinition, ElementDefinitionConstraint } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

/** A FHIRPath rule of a profile, compiled once. */
export interface Invariant {
  readonly key: string;
  /** What the profile tells people, in its own words. */
  readonly human: string;
  /**
   * @param focus the element
   * @param resource the resource that holds it
   */
  readonly holds: (focus: unknown, resource: unknown) => boolean;
}

/** They need a terminology server, other resources or a validator, none of which exists while an element is judged. */
const NOT_AT_HAND = /\b(?:resolve|memberOf|conformsTo|subsumes|subsumedBy|htmlChecks)\s*\(/;

/**
 * Compiles one constraint of an element. It holds when its expression gives exactly `true`; an expression that gives
 * nothing or cannot be evaluated on a value does not hold.
 *
 * @throws Error naming the constraint when its expression cannot be compiled or evaluated.
 */
export function compileInvariant(element: ElementDefinition, constraint: ElementDefinitionConstraint): Invariant {
  const { key, human, expression = '' } = constraint;
  const base = element.path.replaceAll('[x]', '');
  if (NOT_AT_HAND.test(expression))
    throw new Error(`Constraint ${key} of ${base} needs what only a server could answer.`);
  const evaluate = compile(base, key, expression);
  return {
    key,
    human,
    holds: (focus, resource) => {
      try {
        const result = evaluate(focus, { resource, rootResource: resource });
        return result.length === 1 && result[0] === true;
      } catch {
        return false;
      }
    },
  };
}

type Evaluate = (focus: unknown, variables: Record<string, unknown>) => readonly unknown[];

function compile(base: string, key: string, expression: string): Evaluate {
  try {
    const evaluate: Evaluate = fhirpath.compile({ base, expression }, r4, { async: false });
    // Functions that do not exist show only when they are called.
    evaluate([], { resource: {}, rootResource: {} });
    return evaluate;
  } catch (cause) {
    throw new Error(`Constraint ${key} of ${base} cannot be compiled.`, { cause });
  }
}
