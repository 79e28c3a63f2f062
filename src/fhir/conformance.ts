import type {
  CodeSystem,
  ConceptMap,
  OperationDefinition,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import { registerBaseTypes } from './base-structure.ts';
import { expandValueSet, withoutVersion } from './code-set.ts';
import type { CodeSet } from './code-set.ts';
import { compileStructure } from './compile-rules.ts';
import type { RuleBook } from './compile-rules.ts';
import type { Structure } from './element-rule.ts';
import { compileSearchRules } from './search-rule.ts';
import type { SearchRule } from './search-rule.ts';

/** Everything the server knows about the shape of resources. Compiled once, at start; immutable. Maps go by URL. */
export interface Conformance {
  readonly structureDefinitions: ReadonlyMap<string, StructureDefinition>;
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly codeSystems: ReadonlyMap<string, CodeSystem>;
  readonly conceptMaps: ReadonlyMap<string, ConceptMap>;
  readonly searchParameters: ReadonlyMap<string, SearchParameter>;
  readonly operationDefinitions: ReadonlyMap<string, OperationDefinition>;
  /** Resource type to its search parameters by code. */
  readonly searchRules: ReadonlyMap<string, ReadonlyMap<string, SearchRule>>;
  /** Resource type to our profiles of it, compiled. */
  readonly profiles: ReadonlyMap<string, readonly Structure[]>;
  /** The codes of each ValueSet that a profile binds an element to, by URL without version. */
  readonly codeSets: ReadonlyMap<string, CodeSet>;
}

const R4 = 'http://hl7.org/fhir/StructureDefinition/';

type Definition = StructureDefinition | ValueSet | CodeSystem | ConceptMap | SearchParameter | OperationDefinition;

/**
 * Indexes and compiles conformance resources: our profiles with snapshots, R4's definitions of the types they use, and
 * the terminology they are bound to.
 *
 * @param resources parsed FHIR resources; other resource types among them are ignored
 * @throws Error with a sentence when a profile, binding, constraint or search expression cannot be resolved or compiled:
 *   the server then does not start.
 */
export function loadConformance(resources: readonly unknown[]): Conformance {
  const definitions = {
    structureDefinitions: byUrl<StructureDefinition>(resources, 'StructureDefinition'),
    valueSets: byUrl<ValueSet>(resources, 'ValueSet'),
    codeSystems: byUrl<CodeSystem>(resources, 'CodeSystem'),
    conceptMaps: byUrl<ConceptMap>(resources, 'ConceptMap'),
    searchParameters: byUrl<SearchParameter>(resources, 'SearchParameter'),
    operationDefinitions: byUrl<OperationDefinition>(resources, 'OperationDefinition'),
  };
  const all = [...definitions.structureDefinitions.values()];
  const base = all.filter(({ derivation }) => derivation !== 'constraint');
  registerBaseTypes(base);
  const codeSets = new Map<string, CodeSet>();
  const book: RuleBook = { ...definitions, baseConstraints: constraintKeys(base), structures: new Map(), codeSets };
  return {
    ...definitions,
    searchRules: compileSearchRules([...definitions.searchParameters.values()]),
    profiles: compileProfiles(book, all),
    codeSets,
  };
}

/**
 * The codes of a ValueSet, whether a profile is bound to it or not.
 *
 * @throws Error when the ValueSet is not there or cannot be expanded.
 */
export function codeSetOf(conformance: Conformance, canonical: string): CodeSet {
  return conformance.codeSets.get(withoutVersion(canonical)) ?? expandValueSet(conformance, canonical);
}

function byUrl<T extends Definition>(resources: readonly unknown[], type: T['resourceType']): ReadonlyMap<string, T> {
  const found = resources.filter((resource): resource is T => (resource as Resource | null)?.resourceType === type);
  const map = new Map<string, T>();
  for (const definition of found) {
    if (definition.url === undefined) throw new Error(`A ${type} has no url.`);
    if (map.has(definition.url)) throw new Error(`${type} ${definition.url} is there twice.`);
    map.set(definition.url, definition);
  }
  return map;
}

function constraintKeys(definitions: readonly StructureDefinition[]): ReadonlySet<string> {
  const elements = definitions.flatMap(({ snapshot }) => snapshot?.element ?? []);
  return new Set(elements.flatMap(({ constraint }) => (constraint ?? []).map(({ key }) => key)));
}

function compileProfiles(
  book: RuleBook,
  definitions: readonly StructureDefinition[],
): ReadonlyMap<string, readonly Structure[]> {
  const profiles = new Map<string, Structure[]>();
  for (const { url, type, kind, derivation, abstract } of definitions) {
    if (kind !== 'resource' || derivation !== 'constraint' || abstract) continue;
    if (!book.structureDefinitions.has(R4 + type)) throw new Error(`StructureDefinition ${R4}${type} is not there.`);
    profiles.set(type, [...(profiles.get(type) ?? []), compileStructure(book, url)]);
  }
  return profiles;
}
