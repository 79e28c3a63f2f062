import type { PlaceText, StoredRule } from '../decision/stored-rule.ts';

type Answers = StoredRule['answers'];

/** A Consent with answers that count or wait. */
export interface StandingConsent {
  readonly id: string;
  readonly recordedAt: number;
  readonly rule: StoredRule & { readonly holder: PlaceText };
}

/** What becomes of one Consent; one that is not planned for stays as it is. */
export interface PlannedOutcome {
  readonly id: string;
  readonly status: 'active' | 'proposed' | 'rejected' | 'inactive';
  /** What it still says. */
  readonly answers: Answers;
}

/**
 * What a parent's yes makes of a child's Consents (rule 27): each that waits becomes active, with the answers that no
 * other has overtaken, and what was confirmed or migrated before loses the places it is answered in again.
 */
export function planConfirmation(consents: readonly StandingConsent[]): PlannedOutcome[] {
  const waiting = consents.filter(({ rule }) => rule.pending);
  const confirmed = waiting.map((consent) => outcomeOf(consent, standingAnswers(consent, waiting)));
  const earlier = consents.filter(({ rule }) => !rule.pending);
  return [...confirmed, ...earlier.flatMap((consent) => overtake(consent, earlier, waiting))];
}

/**
 * What a parent's no makes of them (rule 28): the permits go, the refusals stay in force as they were. A Consent without
 * permits is left alone.
 */
export function planRejection(consents: readonly StandingConsent[]): PlannedOutcome[] {
  const waiting = consents.filter(({ rule }) => rule.pending);
  return waiting.flatMap(({ id, rule }): PlannedOutcome[] => {
    const refusals = rule.answers.filter(([, decision]) => decision === 'deny');
    if (refusals.length === rule.answers.length) return [];
    return [{ id, status: refusals.length === 0 ? 'rejected' : 'proposed', answers: refusals }];
  });
}

/**
 * The answers of a Consent that none of the others has overtaken: as the decision has it, the citizen's own come before
 * migrated ones, then the latest counts in each place, and of those recorded at the same instant a refusal.
 */
export function standingAnswers(consent: StandingConsent, all: readonly StandingConsent[]): Answers {
  const { id, recordedAt, rule } = consent;
  const rivals = all.filter((other) => other.id !== id && other.rule.holder === rule.holder);
  return rule.answers.filter(([place, decision]) => !rivals.some((rival) => overtakes(rival, place, decision)));

  function overtakes(rival: StandingConsent, place: PlaceText, decision: string): boolean {
    const said = rival.rule.answers.find(([requester]) => requester === place)?.[1];
    if (said === undefined) return false;
    if (rival.rule.authority !== rule.authority) return rule.authority === 'migrated';
    if (rival.recordedAt !== recordedAt) return rival.recordedAt > recordedAt;
    return said === 'deny' && decision === 'permit';
  }
}

/**
 * An earlier Consent loses the places that are answered again; a migrated answer takes none of the citizen's own. Rewriting it
 * makes all of it the latest, so what was overtaken before must not come along.
 */
function overtake(
  consent: StandingConsent,
  earlier: readonly StandingConsent[],
  waiting: readonly StandingConsent[],
): PlannedOutcome[] {
  const { holder, authority, answers } = consent.rule;
  const rivals = waiting.filter(
    ({ rule }) => rule.holder === holder && [authority, 'citizen'].includes(rule.authority),
  );
  const again = new Set(rivals.flatMap(({ rule }) => rule.answers.map(([place]) => place)));
  if (!answers.some(([place]) => again.has(place))) return [];
  return [
    outcomeOf(
      consent,
      standingAnswers(consent, earlier).filter(([place]) => !again.has(place)),
    ),
  ];
}

function outcomeOf({ id }: StandingConsent, answers: Answers): PlannedOutcome {
  return { id, status: answers.length === 0 ? 'inactive' : 'active', answers };
}
