import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Cell } from './cell.ts';
import type { ConsentProfile } from './consent-profile.ts';
import { decideByAnswers } from './decide-by-answers.ts';
import type { Party } from './question.ts';

/** A requester by its category alone, or one organisation of that category. */
export interface RequesterOfCategory {
  readonly category: string;
  readonly ura?: string;
}

/** The number of no organisation: only what was answered for the whole category is about it. */
const NO_ORGANISATION = '';

/**
 * Whether a holder may share the data of its row with a category of requesters, or with one organisation of it, by the
 * recorded answers alone (rules 3 and 5 to 10): emergency grants are for one organisation and for 72 hours, so they are no
 * part of what stands. A holder whose type the catalogue does not know may share nothing.
 */
export function mayShareByAnswers(
  catalogue: Catalogue,
  holder: Party,
  requester: RequesterOfCategory,
  profile: ConsentProfile,
): boolean {
  const code = catalogue.organisationTypes.get(holder.type)?.holderCategory ?? '';
  const holderCategory = catalogue.holderCategories.get(code);
  if (holderCategory === undefined || profile.unreadable.length > 0) return false;
  const cell: Cell = {
    catalogue,
    holderUra: holder.ura,
    holderCategory,
    requesterUra: requester.ura ?? NO_ORGANISATION,
    requesterCategory: requester.category,
    dataCategory: holderCategory.dataCategory,
    at: 0, // Only grants look at the moment.
  };
  return decideByAnswers(cell, profile.answers).verdict.decision === 'permit';
}
