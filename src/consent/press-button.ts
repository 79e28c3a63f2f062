import type { Catalogue } from '../catalogue/catalogue.ts';
import { buttonRequesters } from '../catalogue/look-up.ts';
import type { Place } from '../decision/consent-profile.ts';
import type { Choice } from '../fhir/choose-parameters.ts';
import type { ChosenAnswer } from '../fhir/chosen-cells.ts';
import { problem } from '../problem.ts';
import type { OrganizationRow } from '../storage/organization.ts';

/**
 * What a holder's button records (rule 20): certain answers about the holder itself, for the requester categories of its
 * situation; without requesters, for all of those and nobody else.
 * @throws Problem forbidden for an organisation in no situation, and for answers about another; invalid for other options
 *   and other requesters
 */
export function pressButton(catalogue: Catalogue, { ura, types }: OrganizationRow, choice: Choice): Choice {
  const requesters = buttonRequesters(catalogue, types).map((code) => ({ kind: 'category', code }) as const);
  if (requesters.length === 0) {
    throw problem('forbidden', 'no-button', 'Organisations of this type record nothing with a button of their own.');
  }
  if (choice.option !== 'certain') {
    throw problem('invalid', 'button-certain-only', 'A button records certain answers, not all or none.', 'option');
  }
  return { ...choice, answers: choice.answers.map((answer) => ownAnswer(answer, ura, requesters)) };
}

function ownAnswer(answer: ChosenAnswer, ura: string, group: readonly Place[]): ChosenAnswer {
  const { holder, requesters, expression } = answer;
  if (holder.kind !== 'organisation' || holder.ura !== ura) {
    const text = 'A button records answers about the own organisation only.';
    throw problem('forbidden', 'not-own-organization', text, expression);
  }
  if (requesters === 'row') return { ...answer, requesters: group };
  const isInGroup = (place: Place): boolean =>
    group.some((one) => one.kind === 'category' && place.kind === 'category' && one.code === place.code);
  if (requesters.every(isInGroup)) return answer;
  const text = 'A button records answers for the requester categories of its situation only.';
  throw problem('invalid', 'requester-not-for-button', text, expression);
}
