import { problem } from '../problem.ts';

/** Elements beside `reference` that can hold a fullUrl; in other elements a text that looks like one is just a text. */
const ADDRESS_KEYS: ReadonlySet<string> = new Set(['valueUri', 'valueUrl', 'valueOid', 'valueUuid', 'valueCanonical']);
const CONDITIONAL = /^[A-Z][A-Za-z]{0,63}\?/;
const TEMPORARY = /^urn:(?:uuid|oid):/;

interface Reference {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly text: string;
}

/** Conditional references (`Patient?identifier=…`) in a resource, each once: https://hl7.org/fhir/R4/http.html#trules */
export function conditionalReferencesIn(resource: unknown): readonly string[] {
  const conditional = findReferences(resource).filter(({ key, text }) => key === 'reference' && CONDITIONAL.test(text));
  return [...new Set(conditional.map(({ text }) => text))];
}

/**
 * A copy of the resource in which everything that `references` knows is replaced. Uses no recursion.
 *
 * @throws Problem `malformed` when a reference stays temporary or conditional: it refers to nothing in the Bundle.
 */
export function rewriteReferences<Resource>(
  resource: Resource,
  references: ReadonlyMap<string, string>,
  expression: string,
): Resource {
  const copy = structuredClone(resource);
  for (const { holder, key, text } of findReferences(copy)) {
    const target = references.get(text);
    if (target !== undefined) holder[key] = target;
    else if (key === 'reference' && (TEMPORARY.test(text) || CONDITIONAL.test(text))) throw unresolved(expression);
  }
  return copy;
}

function findReferences(resource: unknown): readonly Reference[] {
  const found: Reference[] = [];
  const open: unknown[] = [resource];
  while (open.length > 0) {
    const holder = open.pop();
    if (typeof holder !== 'object' || holder === null) continue;
    for (const [key, value] of Object.entries(holder)) {
      if (typeof value === 'object') open.push(value);
      else if (typeof value === 'string' && (key === 'reference' || ADDRESS_KEYS.has(key))) {
        found.push({ holder: holder as Record<string, unknown>, key, text: value });
      }
    }
  }
  return found;
}

function unresolved(expression: string) {
  return problem('malformed', 'reference-unresolved', 'A reference refers to nothing in this Bundle.', expression);
}
