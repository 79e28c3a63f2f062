import {
  DATA_CATEGORY_SYSTEM,
  HOLDER_CATEGORY_SYSTEM,
  REQUESTER_CATEGORY_SYSTEM,
  type ConsentQuestion,
} from './catalogue.ts';
import type { CatalogueFiles } from './catalogue-files.ts';
import type { Concept } from './read-code-system.ts';

const CONSENT_QUESTIONS = 'https://akkoord.example/fhir/CodeSystem/consent-question';

/** The concepts of the three code systems that a question speaks of. */
export interface CategoryCodes {
  readonly data: ReadonlyMap<string, Concept>;
  readonly holder: ReadonlyMap<string, Concept>;
  readonly requester: ReadonlyMap<string, Concept>;
}

/** The consent questions in the order of the file. Throws an Error that names the question (rules 2 and 4). */
export function readQuestions(files: CatalogueFiles, codes: CategoryCodes): readonly ConsentQuestion[] {
  const questions = [...files.codes(CONSENT_QUESTIONS).values()].map((concept) => readQuestion(concept, codes));
  refuseCellAskedTwice(questions);
  return questions;
}

function readQuestion(concept: Concept, codes: CategoryCodes): ConsentQuestion {
  return {
    id: concept.code,
    holderCategory: one(known(concept, 'holder-category', HOLDER_CATEGORY_SYSTEM, codes.holder), concept),
    dataCategory: one(known(concept, 'data-category', DATA_CATEGORY_SYSTEM, codes.data), concept),
    requesterCategories: known(concept, 'requester-category', REQUESTER_CATEGORY_SYSTEM, codes.requester),
  };
}

/** The codes in a property: at least one, each of this system and in its list. */
function known(
  question: Concept,
  property: string,
  system: string,
  codes: ReadonlyMap<string, Concept>,
): readonly string[] {
  const values = question.properties.get(property) ?? [];
  if (values.length === 0) throw new Error(`Question ${question.code} has no ${property}.`);
  const stranger = values.find((value) => value.system !== system || !codes.has(value.code));
  if (stranger) throw new Error(`Question ${question.code} names ${property} ${stranger.code}, which does not exist.`);
  return values.map((value) => value.code);
}

function one(values: readonly string[], question: Concept): string {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) {
    throw new Error(`Question ${question.code} names ${values.join(' and ')} where one code belongs.`);
  }
  return value;
}

function refuseCellAskedTwice(questions: readonly ConsentQuestion[]): void {
  const asked = new Map<string, string>();
  for (const { id, holderCategory, requesterCategories } of questions) {
    for (const cell of requesterCategories.map((requester) => `${holderCategory} to ${requester}`)) {
      const earlier = asked.get(cell);
      if (earlier !== undefined) throw new Error(`Questions ${earlier} and ${id} both ask ${cell}.`);
      asked.set(cell, id);
    }
  }
}
