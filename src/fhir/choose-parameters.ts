import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Place } from '../decision/consent-profile.ts';
import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { ChosenAnswer } from './chosen-cells.ts';
import { requireAgreement, requireQuestions } from './chosen-cells.ts';
import type { Bsn } from './identifiers.ts';
import { bsnOf, uraOf } from './parameter-codes.ts';
import type { ReadParameters } from './parameters.ts';
import { readParameters } from './parameters.ts';
import { readReason } from './reason.ts';

/** What a citizen chose, checked against the catalogue but not yet against the registry. */
export type Choice = {
  readonly bsn: Bsn;
  readonly way?: 'together' | 'button';
  readonly reason?: string;
} & ({ readonly option: 'all' | 'none' } | { readonly option: 'certain'; readonly answers: readonly ChosenAnswer[] });

const MOST_ANSWERS = 500;
const ANSWER = {
  holderCategory: { value: 'valueCode' },
  holder: { value: 'valueIdentifier' },
  requesterCategory: { value: 'valueCode', max: MOST_ANSWERS },
  requester: { value: 'valueIdentifier', max: MOST_ANSWERS },
  decision: { value: 'valueCode', min: 1 },
} as const;
const CHOICE = {
  patient: { value: 'valueIdentifier', min: 1 },
  option: { value: 'valueCode', min: 1 },
  answer: { parts: ANSWER, max: MOST_ANSWERS },
  way: { value: 'valueCode' },
  reason: { value: 'valueString' },
} as const;

interface Given<Value> {
  readonly value: Value;
  readonly expression: string;
}

/**
 * Reads the input of `Consent/$choose`.
 *
 * @throws Problem `malformed` for its form; `invalid` for unknown codes, answers beside `all` or `none`, a holder named
 *   twice or not at all, a cell without a question, two answers for one place that differ, and a reason that cannot be kept.
 */
export function readChoose(catalogue: Catalogue, body: unknown): Choice {
  const given = readParameters(CHOICE, body);
  const option = readWord(['all', 'none', 'certain'] as const, given.option[0], 'unknown-option');
  const [way, reason] = [given.way[0], given.reason[0]];
  const choice = {
    bsn: bsnOf(given.patient[0]),
    ...(way && { way: readWord(['together', 'button'] as const, way, 'unknown-way') }),
    ...(reason && { reason: readReason(reason) }),
  };
  if (option === 'certain') return { ...choice, option, answers: readAnswers(catalogue, given.answer) };
  const [answer] = given.answer;
  if (answer === undefined) return { ...choice, option };
  throw refuse('answers-not-allowed', 'Only the option certain takes answers.', answer.expression);
}

function readAnswers(catalogue: Catalogue, given: ReadParameters<typeof CHOICE>['answer']): readonly ChosenAnswer[] {
  if (given.length === 0) throw refuse('answers-missing', 'The option certain needs answers.', 'Parameters');
  const answers = given.map(({ parts, expression }) => readAnswer(catalogue, parts, expression));
  for (const answer of answers) requireQuestions(catalogue, answer);
  requireAgreement(catalogue, answers);
  return answers;
}

function readAnswer(catalogue: Catalogue, given: ReadParameters<typeof ANSWER>, expression: string): ChosenAnswer {
  const categories = given.requesterCategory.map((one) => requesterCategoryOf(catalogue, one));
  const organisations = given.requester.map((one) => organisationOf(one));
  const requesters = [...categories, ...organisations];
  return {
    holder: readHolder(catalogue, given, expression),
    requesters: requesters.length === 0 ? 'row' : requesters,
    decision: readWord(['permit', 'deny', 'clear'] as const, given.decision[0], 'unknown-decision'),
    expression,
  };
}

function readHolder(catalogue: Catalogue, given: ReadParameters<typeof ANSWER>, expression: string): Place {
  const [category, organisation] = [given.holderCategory[0], given.holder[0]];
  if (category !== undefined && organisation === undefined) return holderCategoryOf(catalogue, category);
  if (category === undefined && organisation !== undefined) return organisationOf(organisation);
  throw refuse('one-holder', 'An answer names a holder category or a holder, one of the two.', expression);
}

function holderCategoryOf(catalogue: Catalogue, { value, expression }: Given<string>): Place {
  if (catalogue.holderCategories.has(value)) return { kind: 'category', code: value };
  throw refuse('unknown-holder-category', 'Not a holder category in the catalogue.', `${expression}.valueCode`);
}

function requesterCategoryOf(catalogue: Catalogue, { value, expression }: Given<string>): Place {
  if (catalogue.requesterCategories.has(value)) return { kind: 'category', code: value };
  throw refuse('unknown-requester-category', 'Not a requester category in the catalogue.', `${expression}.valueCode`);
}

function organisationOf(given: Parameters<typeof uraOf>[0]): Place {
  return { kind: 'organisation', ura: uraOf(given) };
}

function readWord<Word extends string>(words: readonly Word[], given: Given<string>, code: string): Word {
  const word = words.find((one) => one === given.value);
  if (word !== undefined) return word;
  throw refuse(code, `The value is none of ${words.join(', ')}.`, `${given.expression}.valueCode`);
}

function refuse(code: string, text: string, expression: string): Problem {
  return problem('invalid', code, text, expression);
}
