import type { Catalogue } from '../catalogue/catalogue.ts';
import { hasQuestion } from '../catalogue/look-up.ts';
import type { Place } from '../decision/consent-profile.ts';
import { placeText } from '../decision/stored-rule.ts';
import { problem } from '../problem.ts';

/** One answer of a choice; `row`: every requester category the holder's row has a question for. */
export interface ChosenAnswer {
  readonly holder: Place;
  readonly requesters: readonly Place[] | 'row';
  readonly decision: 'permit' | 'deny' | 'clear';
  /** FHIRPath of the answer, for problems that only the registry brings to light. */
  readonly expression: string;
}

/**
 * Refuses requester categories that none of the rows asks about. Without `rows` the holder's own: those of its category,
 * or any row for an organisation of which the registry must still say what it is.
 *
 * @throws Problem `invalid`, `cell-without-question`.
 */
export function requireQuestions(
  catalogue: Catalogue,
  { holder, requesters, expression }: Omit<ChosenAnswer, 'decision'>,
  rows: readonly string[] = holder.kind === 'category' ? [holder.code] : [...catalogue.holderCategories.keys()],
): void {
  if (requesters === 'row') return;
  const isAsked = (place: Place): boolean =>
    place.kind === 'organisation' || rows.some((row) => hasQuestion(catalogue, row, place.code));
  if (requesters.every(isAsked)) return;
  const text = 'The catalogue has no question for this holder and requester.';
  throw problem('invalid', 'cell-without-question', text, expression);
}

/** Refuses two answers in one call that say different things about one place. @throws Problem `invalid`. */
export function requireAgreement(catalogue: Catalogue, answers: readonly ChosenAnswer[]): void {
  const said = new Map<string, ChosenAnswer['decision']>();
  for (const answer of answers) {
    for (const requester of requestersOf(catalogue, answer)) {
      const cell = `${placeText(answer.holder)} ${placeText(requester)}`;
      if ((said.get(cell) ?? answer.decision) !== answer.decision) throw contradiction(answer);
      said.set(cell, answer.decision);
    }
  }
}

/** For an organisation the row is not known yet; every category it may have stands for it. */
function requestersOf(catalogue: Catalogue, { holder, requesters }: ChosenAnswer): readonly Place[] {
  if (requesters !== 'row') return requesters;
  const rows = [...catalogue.holderCategories.values()];
  const own = holder.kind === 'category' ? rows.filter(({ code }) => code === holder.code) : rows;
  return own.flatMap((row) => row.requesterCategories.map((code) => ({ kind: 'category', code }) as const));
}

function contradiction({ expression }: ChosenAnswer) {
  return problem('invalid', 'answers-contradict', 'Two answers say different things about one place.', expression);
}
