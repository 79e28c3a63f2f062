import { covers, type Cell } from './cell.ts';
import type { Answer } from './consent-profile.ts';
import { answersAbout, effectiveAnswers } from './effective-answers.ts';
import { deny, permit, type Verdict } from './verdict.ts';

/** What the recorded answers say, and whether the citizen's own effective answer is a no (rule 4 asks for it). */
export interface AnswersVerdict {
  readonly verdict: Verdict;
  readonly refusedByCitizen: boolean;
}

/** Decides by the answers alone, emergency grants left aside (rules 5 to 10). */
export function decideByAnswers(cell: Cell, recorded: readonly Answer[]): AnswersVerdict {
  const answers = answersAbout(cell, recorded);
  const inForce = effectiveAnswers(answers.filter((answer) => !isPendingPermit(answer)));
  const verdict = judge(cell, inForce);
  return {
    verdict: verdict.decision === 'deny' ? (awaitParent(cell, answers) ?? verdict) : verdict,
    refusedByCitizen: inForce.some((answer) => answer.decision === 'deny' && answer.authority === 'citizen'),
  };
}

/** Rule 9: `decisive` is the outcome of rules 5 to 8, so its answers all say the same. */
function judge(cell: Cell, decisive: readonly Answer[]): Verdict {
  if (decisive.length === 0) return deny('no-consent');
  if (decisive.some((answer) => answer.decision === 'deny')) return deny('consent-refused', decisive);
  const covering = decisive.filter((answer) => covers(cell, answer.dataCategory));
  return covering.length > 0 ? permit('consent-given', covering) : deny('data-category-not-covered', decisive);
}

/** Rule 10: the deny that is only for want of a parent's confirmation, if it is that. */
function awaitParent(cell: Cell, answers: readonly Answer[]): Verdict | undefined {
  const ifConfirmed = effectiveAnswers(answers);
  return judge(cell, ifConfirmed).decision === 'permit'
    ? deny('minor-unconfirmed', ifConfirmed.filter(isPendingPermit))
    : undefined;
}

function isPendingPermit(answer: Answer): boolean {
  return answer.pending && answer.decision === 'permit';
}
