import type { ConsentQuestion, RecordingSituation } from './catalogue.ts';
import type { CatalogueFiles } from './catalogue-files.ts';
import { type CategoryCodes, readCategories, readCategory } from './read-categories.ts';

const RECORDING_SITUATIONS = 'https://akkoord.example/fhir/CodeSystem/recording-situation';

/** The situations in the order of the file. Throws an Error that names the situation (rule 8). */
export function readSituations(
  files: CatalogueFiles,
  codes: CategoryCodes,
  questions: readonly ConsentQuestion[],
): readonly RecordingSituation[] {
  const situations = [...files.codes(RECORDING_SITUATIONS).values()].map((concept) => ({
    code: concept.code,
    names: concept.names,
    holderCategory: readCategory('Situation', concept, 'holder', codes),
    requesterCategories: readCategories('Situation', concept, 'requester', codes),
  }));
  for (const situation of situations) refuseUnaskedCell(situation, questions);
  return situations;
}

function refuseUnaskedCell(
  { code, holderCategory, requesterCategories }: RecordingSituation,
  questions: readonly ConsentQuestion[],
): void {
  const row = questions.filter((question) => question.holderCategory === holderCategory);
  const unasked = requesterCategories.find(
    (one) => !row.some((question) => question.requesterCategories.includes(one)),
  );
  if (unasked !== undefined)
    throw new Error(`Situation ${code} is about ${holderCategory} to ${unasked}, without a question.`);
}
