import type { Cell } from './cell.ts';
import type { Answer, Place } from './consent-profile.ts';

/** Rule 5. */
export function answersAbout(cell: Cell, answers: readonly Answer[]): readonly Answer[] {
  return answers.filter((answer) => isAbout(cell, answer));
}

/**
 * Of the answers about one cell those that decide it: all of one authority, of one specificity and of one decision (rules 6
 * to 8). Empty when nobody answered. Whether an answer waits for a parent is not looked at here (rule 10).
 */
export function effectiveAnswers(answers: readonly Answer[]): readonly Answer[] {
  const decisive = mostSpecific(firstAuthority(latestInEachPlace(answers)));
  const refusals = decisive.filter((answer) => answer.decision === 'deny');
  return refusals.length > 0 ? refusals : decisive;
}

function isAbout(cell: Cell, { holder, requester }: Answer): boolean {
  return (
    isIn(holder, cell.holderUra, cell.holderCategory.code) && isIn(requester, cell.requesterUra, cell.requesterCategory)
  );
}

function isIn(place: Place, ura: string, category: string | undefined): boolean {
  return place.kind === 'organisation' ? place.ura === ura : place.code === category;
}

/** Rule 6. Answers recorded at the same instant all stay; rule 8 then lets the refusal win. */
function latestInEachPlace(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(
    (answer) => !answers.some((other) => isSamePlace(answer, other) && other.recordedAt > answer.recordedAt),
  );
}

/** Within one cell a kind names one place: there is one organisation and one category on each side. */
function isSamePlace(a: Answer, b: Answer): boolean {
  return a.holder.kind === b.holder.kind && a.requester.kind === b.requester.kind && a.authority === b.authority;
}

/** Rule 7. */
function firstAuthority(answers: readonly Answer[]): readonly Answer[] {
  const citizens = answers.filter((answer) => answer.authority === 'citizen');
  return citizens.length > 0 ? citizens : answers;
}

/** Rule 8. */
function mostSpecific(answers: readonly Answer[]): readonly Answer[] {
  const most = Math.max(...answers.map(individualSides));
  return answers.filter((answer) => individualSides(answer) === most);
}

function individualSides({ holder, requester }: Answer): number {
  return [holder, requester].filter((place) => place.kind === 'organisation').length;
}
