import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Catalogue, DATA_CATEGORY_SYSTEM, ORGANISATION_TYPE_SYSTEM } from '../../src/catalogue/catalogue.ts';
import type { Party } from '../../src/decision/question.ts';
import { BSN_SYSTEM, PURPOSE_SYSTEM, URA_SYSTEM } from '../../src/fhir/identifiers.ts';
import { SANDBOX_CLIENTS } from '../../src/sandbox/people.ts';
import type { Ask, ChosenAnswer, Step } from '../decision/case.ts';

type Choice = Extract<Step, { choose: unknown }>['choose'];
export type Question = Omit<Ask, 'expect'>;

const registered = new Map(
  SANDBOX_CLIENTS.flatMap((client) =>
    client.organization ? [[client.organization.ura, client.organization.type]] : [],
  ),
);

/** The input of `$check`, with the type of an organisation only where the registry does not know it (at that moment). */
export function checkParameters(catalogue: Catalogue, bsn: string, question: Question): Parameters {
  return { resourceType: 'Parameters', parameter: questionParts(catalogue, bsn, question) };
}

/** The same for many questions at once. */
export function batchParameters(catalogue: Catalogue, bsn: string, questions: readonly Question[]): Parameters {
  const request = (question: Question) => ({ name: 'request', part: questionParts(catalogue, bsn, question) });
  return { resourceType: 'Parameters', parameter: questions.map(request) };
}

function questionParts(catalogue: Catalogue, bsn: string, question: Question): ParametersParameter[] {
  const { holder, requester, purpose, at } = question;
  return [
    { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
    ...partyParts(catalogue, 'holder', holder, at),
    ...partyParts(catalogue, 'requester', requester, at),
    ...categoriesOf(question).map((code) => ({
      name: 'dataCategory',
      valueCoding: { system: DATA_CATEGORY_SYSTEM, code },
    })),
    ...(purpose === undefined ? [] : [{ name: 'purpose', valueCoding: { system: PURPOSE_SYSTEM, code: purpose } }]),
    ...(at === undefined ? [] : [{ name: 'at', valueInstant: at }]),
  ];
}

/** The data categories a question names; none: that of the holder's row. */
export function categoriesOf({ dataCategory }: Question): readonly string[] {
  if (dataCategory === undefined) return [];
  return typeof dataCategory === 'string' ? [dataCategory] : dataCategory;
}

function partyParts(
  catalogue: Catalogue,
  name: 'holder' | 'requester',
  { ura, type }: Party,
  at: string | undefined,
): ParametersParameter[] {
  const system = catalogue.organisationTypes.get(type)?.system ?? ORGANISATION_TYPE_SYSTEM;
  const isKnown = at === undefined && registered.get(ura) === type;
  return [
    { name, valueIdentifier: { system: URA_SYSTEM, value: ura } },
    ...(isKnown ? [] : [{ name: `${name}Type`, valueCoding: { system, code: type } }]),
  ];
}

/** The input of `$choose`. */
export function chooseParameters(bsn: string, { option, answers = [], way }: Choice): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
      { name: 'option', valueCode: option },
      ...answers.map((answer) => ({ name: 'answer', part: answerParts(answer) })),
      ...(way === undefined ? [] : [{ name: 'way', valueCode: way }]),
    ],
  };
}

function answerParts(answer: ChosenAnswer): ParametersParameter[] {
  const organisation = (ura: string) => ({ system: URA_SYSTEM, value: ura });
  return [
    ...(answer.holderCategory === undefined ? [] : [{ name: 'holderCategory', valueCode: answer.holderCategory }]),
    ...(answer.holder === undefined ? [] : [{ name: 'holder', valueIdentifier: organisation(answer.holder) }]),
    ...(answer.requesterCategory ?? []).map((code) => ({ name: 'requesterCategory', valueCode: code })),
    ...(answer.requester ?? []).map((ura) => ({ name: 'requester', valueIdentifier: organisation(ura) })),
    { name: 'decision', valueCode: answer.decision },
  ];
}
