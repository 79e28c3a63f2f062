import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { dataCategoryOfRow, hasQuestion } from '../catalogue/look-up.ts';
import type { Place } from '../decision/consent-profile.ts';
import type { StoredRule } from '../decision/stored-rule.ts';
import { placeText } from '../decision/stored-rule.ts';
import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { Organizations, StandingActor } from './consent-place.ts';
import { actorsOf, dataCategoryIn, holderPlace, namedPlace, requesterPlace } from './consent-place.ts';
import type { GivenAnswer } from './consent-resource.ts';
import { ORIGIN_EXTENSION } from './consent-resource.ts';
import { endedGrantRuleOf, grantRuleOf } from './grant-rule.ts';

type StandingAnswer = GivenAnswer & { readonly expression: string };

/** Most requester places that one Consent answers; the profile says the same. */
export const MOST_ANSWERS = 100;

/** Whether a Consent of this status may count. */
export function isInForce({ status }: Pick<Consent, 'status'>): boolean {
  return status === 'active' || status === 'proposed';
}

/**
 * The rule the decision engine keeps for a Consent that is valid against our profile. A Consent that is rejected,
 * inactive or entered in error gives a rule without answers, whatever it says and whatever has become of those it names:
 * withdrawing must always be possible (rule 10).
 *
 * @param organizations those of `organizationsNamedIn(consent)` that are registered; for a Consent that is not in force
 *   also those that were
 * @throws Problem `invalid` naming the element that the engine would not honour
 */
export function ruleOf(catalogue: Catalogue, consent: Consent, organizations: Organizations): StoredRule {
  const origin = consent.extension?.find(({ url }) => url === ORIGIN_EXTENSION)?.valueCode;
  const counts = isInForce(consent);
  if (origin === 'emergency') {
    return counts ? grantRuleOf(catalogue, consent, organizations) : endedGrantRuleOf(consent, organizations);
  }
  const holder = onlyHolder(consent);
  const place = counts ? holderPlace(catalogue, organizations, holder) : namedPlace(organizations, holder);
  return {
    v: 1,
    holder: placeText(place),
    category: dataCategoryIn(consent),
    authority: origin === 'migration' ? 'migrated' : 'citizen',
    pending: consent.status === 'proposed',
    answers: counts ? textOf(checkedAnswers(catalogue, consent, organizations, place)) : [],
  };
}

function checkedAnswers(catalogue: Catalogue, consent: Consent, organizations: Organizations, holder: Place) {
  const category = dataCategoryIn(consent);
  const rows = rowsOf(catalogue, organizations, holder).filter((row) => dataCategoryOfRow(catalogue, row) === category);
  if (rows.length === 0) throw refuse('category-not-of-holder', 'Not the category of this holder.', 'Consent.category');
  if (consent.provision?.period !== undefined) {
    throw refuse('period-not-honoured', 'Only an emergency grant has a period.', 'Consent.provision.period');
  }
  const answers = answersOf(catalogue, consent, organizations);
  for (const answer of answers) requireQuestion(catalogue, rows, answer);
  requireAnsweredOnce(answers);
  requireFewAnswers(answers);
  return answers;
}

function textOf(answers: readonly GivenAnswer[]): StoredRule['answers'] {
  return answers.map(({ requester, decision }) => [placeText(requester), decision]);
}

function onlyHolder(consent: Consent): StandingActor {
  const actors = consent.provision?.actor;
  const [holder] = actorsOf(actors, 'CST', 'Consent.provision');
  if (holder !== undefined && actors?.length === 1) return holder;
  throw refuse('one-holder', 'A Consent has exactly one holder place.', 'Consent.provision.actor');
}

/** The holder rows a place falls in: its own, or those of the organisation's types. */
function rowsOf(catalogue: Catalogue, organizations: Organizations, place: Place): readonly string[] {
  if (place.kind === 'category') return [place.code];
  const types = [...organizations.values()].find(({ ura }) => ura === place.ura)?.types ?? [];
  return types.flatMap((type) => catalogue.organisationTypes.get(type)?.holderCategory ?? []);
}

function answersOf(catalogue: Catalogue, consent: Consent, organizations: Organizations): readonly StandingAnswer[] {
  return (consent.provision?.provision ?? []).flatMap((nested, at) => {
    const expression = `Consent.provision.provision[${at}]`;
    const decision = decisionOf(nested, expression);
    if (nested.provision !== undefined)
      throw refuse('too-deep', 'Answers stand one level deep.', `${expression}.provision`);
    const requesters = actorsOf(nested.actor, 'IRCP', expression);
    if (requesters.length === 0 || requesters.length !== nested.actor?.length) {
      throw refuse('requesters-only', 'An answer names requester places and nothing else.', `${expression}.actor`);
    }
    return requesters.map((standing) => ({
      requester: requesterPlace(catalogue, organizations, standing),
      decision,
      expression: standing.expression,
    }));
  });
}

function decisionOf({ type }: ConsentProvision, expression: string): GivenAnswer['decision'] {
  if (type !== undefined) return type;
  throw refuse('answer-type', 'An answer is a permit or a deny.', `${expression}.type`);
}

function requireQuestion(
  catalogue: Catalogue,
  rows: readonly string[],
  { requester, expression }: StandingAnswer,
): void {
  if (requester.kind === 'organisation' || rows.some((row) => hasQuestion(catalogue, row, requester.code))) return;
  throw refuse('cell-without-question', 'The catalogue has no question for this holder and requester.', expression);
}

function requireAnsweredOnce(answers: readonly StandingAnswer[]): void {
  const seen = new Set<string>();
  for (const { requester, expression } of answers) {
    const text = placeText(requester);
    if (seen.has(text)) throw refuse('answered-twice', 'A requester place is answered twice.', expression);
    seen.add(text);
  }
}

/** @throws Problem `invalid` for more answers than one Consent holds. */
export function requireFewAnswers(answers: readonly unknown[]): void {
  if (answers.length <= MOST_ANSWERS) return;
  throw refuse('too-many-requesters', 'A Consent names at most 100 requester places.', 'Consent.provision');
}

function refuse(code: string, text: string, expression: string): Problem {
  return problem('invalid', code, text, expression);
}
