import type { Coding } from './read-code-system.ts';
import { objects, text, type JsonObject } from './read-json.ts';

/** One row of a FHIR ConceptMap; no target: the row says that the source falls in nothing. */
export interface MapRow {
  readonly source: Coding;
  readonly target?: Coding;
}

/** The rows of a FHIR ConceptMap. Throws an Error that names a source code with no or several targets. */
export function readConceptMap(resource: JsonObject): readonly MapRow[] {
  const map = text(resource, 'url', 'A ConceptMap');
  return objects(resource, 'group', map).flatMap((group) =>
    objects(group, 'element', map).map((element) => readRow(group, element, map)),
  );
}

function readRow(group: JsonObject, element: JsonObject, map: string): MapRow {
  const code = text(element, 'code', `An element of ${map}`);
  const source = { system: text(group, 'source', map), code };
  const [target, ...others] = objects(element, 'target', code);
  if (target === undefined || others.length > 0) throw new Error(`Code ${code} of ${map} needs exactly one target.`);
  if (target['equivalence'] === 'unmatched') return { source };
  return {
    source,
    target: { system: text(group, 'target', map), code: text(target, 'code', `The target of ${code} in ${map}`) },
  };
}
