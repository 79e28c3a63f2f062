import {
  HOLDER_CATEGORY_SYSTEM,
  ORGANISATION_TYPE_SYSTEM,
  OUTSIDE_CARE_TYPE_SYSTEM,
  REQUESTER_CATEGORY_SYSTEM,
  type OrganisationType,
} from './catalogue.ts';
import type { CatalogueFiles } from './catalogue-files.ts';
import type { CategoryCodes } from './read-categories.ts';
import type { Concept } from './read-code-system.ts';

const TO_HOLDER_CATEGORY = 'https://akkoord.example/fhir/ConceptMap/organisation-type-holder-category';
const TO_REQUESTER_CATEGORY = 'https://akkoord.example/fhir/ConceptMap/organisation-type-requester-category';
const EMERGENCY_TYPES = 'https://akkoord.example/fhir/ValueSet/emergency-requester-type';

type TypeConcepts = ReadonlyMap<string, { readonly concept: Concept; readonly system: string }>;
/** Type code to category code; undefined for a type whose row says that it falls in no category. */
type Mapping = ReadonlyMap<string, string | undefined>;

/** Every organisation type with its categories. Throws an Error that names the type (rules 3, 5 and 6). */
export function readOrganisationTypes(
  files: CatalogueFiles,
  codes: CategoryCodes,
): ReadonlyMap<string, OrganisationType> {
  const concepts = readConcepts(files);
  const holder = readMapping(files, TO_HOLDER_CATEGORY, concepts, HOLDER_CATEGORY_SYSTEM, codes.holder);
  const requester = readMapping(files, TO_REQUESTER_CATEGORY, concepts, REQUESTER_CATEGORY_SYSTEM, codes.requester);
  const emergency = readEmergencyTypes(files, requester);
  const types = [...concepts].map(([code, { concept, system }]): [string, OrganisationType] => {
    const holderCategory = holder.get(code);
    const requesterCategory = requester.get(code);
    const type = { code, system, names: concept.names, mayGrantEmergency: emergency.has(code) };
    return [
      code,
      { ...type, ...(holderCategory && { holderCategory }), ...(requesterCategory && { requesterCategory }) },
    ];
  });
  return new Map(types);
}

function readConcepts(files: CatalogueFiles): TypeConcepts {
  const concepts = new Map<string, { concept: Concept; system: string }>();
  for (const system of [ORGANISATION_TYPE_SYSTEM, OUTSIDE_CARE_TYPE_SYSTEM]) {
    for (const [code, concept] of files.codes(system)) {
      if (concepts.has(code)) throw new Error(`Organisation type ${code} is both in care and outside care.`);
      concepts.set(code, { concept, system });
    }
  }
  return concepts;
}

function readMapping(
  files: CatalogueFiles,
  map: string,
  types: TypeConcepts,
  targetSystem: string,
  targets: ReadonlyMap<string, Concept>,
): Mapping {
  const mapping = new Map<string, string | undefined>();
  for (const { source, target } of files.rows(map)) {
    const type = source.code;
    if (types.get(type)?.system !== source.system) throw new Error(`${map} maps ${type}, which does not exist.`);
    if (mapping.has(type)) throw new Error(`${map} maps organisation type ${type} twice.`);
    if (target && (target.system !== targetSystem || !targets.has(target.code))) {
      throw new Error(`${map} maps organisation type ${type} to ${target.code}, which does not exist.`);
    }
    if (target && source.system === OUTSIDE_CARE_TYPE_SYSTEM) {
      throw new Error(`${map} maps ${type}, a type outside care, to ${target.code}.`);
    }
    mapping.set(type, target?.code);
  }
  const forgotten = [...types.keys()].find((type) => !mapping.has(type));
  if (forgotten !== undefined) throw new Error(`${map} has no row for organisation type ${forgotten}.`);
  return mapping;
}

function readEmergencyTypes(files: CatalogueFiles, requester: Mapping): ReadonlySet<string> {
  const listed = files.listed(EMERGENCY_TYPES);
  const stranger = listed.find(({ system, code }) => system !== ORGANISATION_TYPE_SYSTEM || !requester.get(code));
  if (stranger) throw new Error(`Emergency type ${stranger.code} does not exist or falls in no requester category.`);
  return new Set(listed.map(({ code }) => code));
}
