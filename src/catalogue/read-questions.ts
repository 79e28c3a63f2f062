import { CONSENT_QUESTIONS, type ConsentQuestion } from './catalogue.ts';
import type { CatalogueFiles } from './catalogue-files.ts';
import { type CategoryCodes, readCategories, readCategory } from './read-categories.ts';
import type { Concept } from './read-code-system.ts';

/** The consent questions in the order of the file. Throws an Error that names the question (rules 2 and 4). */
export function readQuestions(files: CatalogueFiles, codes: CategoryCodes): readonly ConsentQuestion[] {
  const questions = [...files.codes(CONSENT_QUESTIONS).values()].map((concept) => readQuestion(concept, codes));
  refuseCellAskedTwice(questions);
  return questions;
}

function readQuestion(concept: Concept, codes: CategoryCodes): ConsentQuestion {
  return {
    id: concept.code,
    holderCategory: readCategory('Question', concept, 'holder', codes),
    dataCategory: readCategory('Question', concept, 'data', codes),
    requesterCategories: readCategories('Question', concept, 'requester', codes),
  };
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
