import type { Catalogue, HolderCategory } from '../catalogue/catalogue.ts';
import type { AskingError } from './decision.ts';
import type { Instant, Question } from './question.ts';

/** A question after its types have been looked up: everything the rules compare with. */
export interface Cell {
  readonly catalogue: Catalogue;
  readonly holderUra: string;
  readonly holderCategory: HolderCategory;
  readonly requesterUra: string;
  /** Absent for a requester outside care. */
  readonly requesterCategory: string | undefined;
  readonly dataCategory: string;
  readonly at: Instant;
}

/** Looks a question up in the catalogue (rule 1). The first thing that is wrong is returned: holder, requester, data category. */
export function findCell(catalogue: Catalogue, question: Question): Cell | AskingError {
  const holderType = catalogue.organisationTypes.get(question.holder.type);
  if (holderType === undefined) return 'unknown-holder-type';
  const holderCategory = catalogue.holderCategories.get(holderType.holderCategory ?? '');
  if (holderCategory === undefined) return 'holder-not-in-care';
  const requesterType = catalogue.organisationTypes.get(question.requester.type);
  if (requesterType === undefined) return 'unknown-requester-type';
  const dataCategory = question.dataCategory ?? holderCategory.dataCategory;
  if (!catalogue.dataCategories.has(dataCategory)) return 'unknown-data-category';
  return {
    catalogue,
    holderUra: question.holder.ura,
    holderCategory,
    requesterUra: question.requester.ura,
    requesterCategory: requesterType.requesterCategory,
    dataCategory,
    at: question.at,
  };
}

/** Whether a yes given for `given` answers the data category asked about, within the holder's row (rule 9). */
export function covers(cell: Cell, given: string): boolean {
  return contains(cell, given) && contains(cell, cell.holderCategory.dataCategory);
}

function contains(cell: Cell, wider: string): boolean {
  return cell.catalogue.dataCategories.get(wider)?.covers.has(cell.dataCategory) ?? false;
}
