import type { Catalogue } from '../catalogue/catalogue.ts';
import { findCell, type Cell } from './cell.ts';
import type { ConsentProfile } from './consent-profile.ts';
import { decideByAnswers } from './decide-by-answers.ts';
import type { AskingError, Decision } from './decision.ts';
import { grantsFor, isInForce, nextChange } from './emergency.ts';
import type { Instant, Question } from './question.ts';
import { deny, permit, type Verdict } from './verdict.ts';

/**
 * Decides one closed question by what is recorded for the citizen. The same arguments always give the same decision;
 * the order inside `profile` means nothing. A question that cannot be asked gives the AskingError instead.
 * The profile is used as given: choosing the versions that count at `question.at` is the caller's.
 */
export function decide(catalogue: Catalogue, question: Question, profile: ConsentProfile): Decision | AskingError {
  const cell = findCell(catalogue, question);
  if (typeof cell === 'string') return cell;
  return { dataCategory: cell.dataCategory, catalogueVersion: catalogue.version, ...judge(cell, profile) };
}

type TimedVerdict = Verdict & { readonly nextChangeAt?: Instant };

function judge(cell: Cell, profile: ConsentProfile): TimedVerdict {
  if (cell.requesterCategory === undefined) return deny('requester-not-eligible'); // rule 2
  if (profile.unreadable.length > 0) return refuseUnreadable(profile); // rule 3
  const recorded = decideByAnswers(cell, profile.answers);
  const grants = grantsFor(cell, profile.grants, recorded.refusedByCitizen);
  const active = grants.filter((grant) => isInForce(grant, cell.at));
  const verdict = active.length > 0 ? permit('emergency-grant', active) : recorded.verdict; // rule 4
  const nextChangeAt = nextChange(grants, cell.at);
  return nextChangeAt === undefined ? verdict : { nextChangeAt, ...verdict };
}

function refuseUnreadable(profile: ConsentProfile): Verdict {
  return deny(
    'consent-unreadable',
    profile.unreadable.map((source) => ({ source })),
  );
}
