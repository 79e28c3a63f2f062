import { GP, PHARMACY } from './people.ts';
import { BSN_SYSTEM, DATA_SYSTEM, PURPOSE_SYSTEM, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

/** What a `$check` asks, in short; what is left out is the GP practice sharing with the pharmacy. */
export interface Asked {
  readonly holder?: string;
  readonly holderType?: string;
  readonly requester?: string;
  readonly requesterType?: string;
  readonly dataCategory?: string | readonly string[];
  readonly purpose?: string;
  readonly at?: string;
  readonly knownAt?: string;
  /** Parameters to be added as they are. */
  readonly more?: readonly object[];
}

const coding = (name: string, system: string, code: string | undefined) =>
  code === undefined ? [] : [{ name, valueCoding: { system, code } }];
const instant = (name: string, valueInstant: string | undefined) =>
  valueInstant === undefined ? [] : [{ name, valueInstant }];

/** The parameters of one question. */
export function questionOf(bsn: string, asked: Asked = {}): object[] {
  const { holder = GP, requester = PHARMACY, dataCategory = [], more = [] } = asked;
  return [
    { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
    { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: holder } },
    ...coding('holderType', TYPE_SYSTEM, asked.holderType),
    { name: 'requester', valueIdentifier: { system: URA_SYSTEM, value: requester } },
    ...coding('requesterType', TYPE_SYSTEM, asked.requesterType),
    ...[dataCategory].flat().flatMap((code) => coding('dataCategory', DATA_SYSTEM, code)),
    ...coding('purpose', PURPOSE_SYSTEM, asked.purpose),
    ...instant('at', asked.at),
    ...instant('knownAt', asked.knownAt),
    ...more,
  ];
}

export const parameters = (parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter });

/** One question as the body of `Consent/$check`. */
export const question = (bsn: string, asked: Asked = {}) => parameters(questionOf(bsn, asked));

/** Many questions in one call. */
export const batchOf = (questions: readonly (readonly object[])[]) =>
  parameters(questions.map((part) => ({ name: 'request', part })));

/** The body of `Consent/$choose` with option `all` or `none`. */
export const choice = (bsn: string, option: 'all' | 'none' | 'certain', answers: readonly object[][] = []) =>
  parameters([
    { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
    { name: 'option', valueCode: option },
    ...answers.map((part) => ({ name: 'answer', part })),
  ]);
