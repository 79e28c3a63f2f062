import {
  DATA_CATEGORY_SYSTEM,
  HOLDER_CATEGORY_SYSTEM,
  REQUESTER_CATEGORY_SYSTEM,
  type Catalogue,
  type DataCategory,
  type HolderCategory,
} from './catalogue.ts';
import { indexFiles } from './catalogue-files.ts';
import type { CategoryCodes } from './read-categories.ts';
import type { Concept } from './read-code-system.ts';
import { readOrganisationTypes } from './read-organisation-types.ts';
import { readQuestions } from './read-questions.ts';
import { readSituations } from './read-situations.ts';

/**
 * One catalogue version from its parsed FHIR CodeSystems, ConceptMaps and ValueSets, in any order.
 * Throws an Error with a sentence that names the code when the resources contradict each other: such a catalogue
 * must not decide anything (rules 1 to 8 of the README).
 */
export function readCatalogue(resources: readonly unknown[]): Catalogue {
  const files = indexFiles(resources);
  const codes: CategoryCodes = {
    data: files.codes(DATA_CATEGORY_SYSTEM),
    holder: files.codes(HOLDER_CATEGORY_SYSTEM),
    requester: files.codes(REQUESTER_CATEGORY_SYSTEM),
  };
  const questions = readQuestions(files, codes);
  return {
    version: files.version,
    dataCategories: eachConcept(codes.data, (concept) => dataCategory(concept, codes.data)),
    holderCategories: eachConcept(codes.holder, (concept) => holderCategory(concept, codes, questions)),
    requesterCategories: eachConcept(codes.requester, ({ code, names }) => ({ code, names })),
    organisationTypes: readOrganisationTypes(files, codes),
    questions,
    situations: readSituations(files, codes, questions),
  };
}

function eachConcept<T>(concepts: ReadonlyMap<string, Concept>, make: (concept: Concept) => T): ReadonlyMap<string, T> {
  return new Map([...concepts].map(([code, concept]) => [code, make(concept)]));
}

function dataCategory({ code, names }: Concept, all: ReadonlyMap<string, Concept>): DataCategory {
  const inside = [...all.values()].filter((other) => other.within.includes(code));
  return { code, names, covers: new Set([code, ...inside.map((other) => other.code)]) };
}

function holderCategory(
  { code, names }: Concept,
  codes: CategoryCodes,
  questions: Catalogue['questions'],
): HolderCategory {
  const row = questions.filter((question) => question.holderCategory === code);
  const first = row[0];
  if (first === undefined) throw new Error(`Holder category ${code} has no question.`);
  const other = row.find((question) => question.dataCategory !== first.dataCategory);
  if (other) throw new Error(`Questions ${first.id} and ${other.id} give holder category ${code} two data categories.`);
  const asked = new Set(row.flatMap((question) => question.requesterCategories));
  const requesterCategories = [...codes.requester.keys()].filter((requester) => asked.has(requester));
  return { code, names, dataCategory: first.dataCategory, requesterCategories };
}
