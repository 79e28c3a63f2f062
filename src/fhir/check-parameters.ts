import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Instant, Question } from '../decision/question.ts';
import { Problem, problem } from '../problem.ts';
import type { Bsn } from './identifiers.ts';
import { bsnOf, dataCategoryOf, organisationTypeOf, purposeOf, roleOf, uraOf, uziOf } from './parameter-codes.ts';
import type { ReadParameters } from './parameters.ts';
import { readParameterList, readParameters } from './parameters.ts';

/** An organisation as named in a question; its type may be left to the registry. */
interface AskedParty {
  readonly ura: string;
  readonly type?: string;
}

/** One closed question as it was asked, checked against the catalogue but not yet against the registry. */
export interface CheckItem {
  readonly bsn: Bsn;
  readonly holder: AskedParty;
  readonly requester: AskedParty;
  /** Empty: the category of the holder's row. Never twice the same. */
  readonly dataCategories: readonly string[];
  readonly purpose: Question['purpose'];
  readonly requesterRole?: string;
  /** The professional on whose behalf is asked, and who acts under mandate. */
  readonly professional?: string;
  readonly mandated?: string;
  /** The moment asked about, and the moment whose knowledge counts. */
  readonly at?: Instant;
  readonly knownAt?: Instant;
  readonly detail: Detail;
}
type Detail = 'basic' | 'full';

export interface CheckCall {
  /** `several`: one question about several data categories. Only a batch holds items that could not be read. */
  readonly shape: 'single' | 'several' | 'batch';
  readonly items: readonly (CheckItem | { readonly problem: Problem })[];
}

const MOST_REQUESTS = 500;
const MOST_CATEGORIES = 50;

const QUESTION = {
  patient: { value: 'valueIdentifier', min: 1 },
  holder: { value: 'valueIdentifier', min: 1 },
  holderType: { value: 'valueCoding' },
  requester: { value: 'valueIdentifier', min: 1 },
  requesterType: { value: 'valueCoding' },
  dataCategory: { value: 'valueCoding', max: MOST_CATEGORIES },
  purpose: { value: 'valueCoding' },
  requesterRole: { value: 'valueCoding' },
  professional: { value: 'valueIdentifier' },
  mandated: { value: 'valueIdentifier' },
  at: { value: 'valueInstant' },
  knownAt: { value: 'valueInstant' },
  detail: { value: 'valueCode' },
} as const;
const BATCH = { request: { later: true, min: 1, max: Number.MAX_SAFE_INTEGER } } as const;

/**
 * Reads the input of `Consent/$check`: one question, or up to 500 `request` parts. A request that cannot be read becomes
 * a problem in its own place; it does not touch the others (rule 9).
 *
 * @throws Problem `malformed` (400), `invalid` (422) or, for more than 500 requests, `too-large` (413).
 */
export function readCheck(catalogue: Catalogue, body: unknown): CheckCall {
  if (isBatch(body)) return { shape: 'batch', items: readRequests(catalogue, body) };
  const item = readItem(catalogue, readParameters(QUESTION, body));
  return { shape: item.dataCategories.length > 1 ? 'several' : 'single', items: [item] };
}

function isBatch(body: unknown): boolean {
  const list = (body as { parameter?: unknown } | null | undefined)?.parameter;
  return Array.isArray(list) && list.some((part: unknown) => (part as { name?: unknown } | null)?.name === 'request');
}

function readRequests(catalogue: Catalogue, body: unknown): CheckCall['items'] {
  const { request } = readParameters(BATCH, body);
  if (request.length > MOST_REQUESTS) {
    throw problem('too-large', 'batch-too-long', `A batch holds at most ${MOST_REQUESTS} requests.`, 'Parameters');
  }
  return request.map(({ later, expression }) => {
    try {
      return readItem(catalogue, readParameterList(QUESTION, later, `${expression}.part`, expression));
    } catch (error) {
      if (error instanceof Problem) return { problem: error };
      throw error;
    }
  });
}

function readItem(catalogue: Catalogue, given: ReadParameters<typeof QUESTION>): CheckItem {
  const dataCategories = given.dataCategory.map((category) => dataCategoryOf(catalogue, category));
  const [holderType, requesterType, purpose] = [given.holderType[0], given.requesterType[0], given.purpose[0]];
  requireDifferent(dataCategories);
  return {
    bsn: bsnOf(given.patient[0]),
    holder: {
      ura: uraOf(given.holder[0]),
      ...(holderType && { type: organisationTypeOf(catalogue, holderType, 'unknown-holder-type') }),
    },
    requester: {
      ura: uraOf(given.requester[0]),
      ...(requesterType && { type: organisationTypeOf(catalogue, requesterType, 'unknown-requester-type') }),
    },
    dataCategories,
    purpose: purposeOf(purpose),
    ...readAsker(given),
    ...(given.at[0] && { at: given.at[0].value }),
    ...(given.knownAt[0] && { knownAt: given.knownAt[0].value }),
    detail: readDetail(given.detail[0]),
  };
}

function readAsker(given: ReadParameters<typeof QUESTION>): Partial<CheckItem> {
  const [role, professional, mandated] = [given.requesterRole[0], given.professional[0], given.mandated[0]];
  return {
    ...(role && { requesterRole: roleOf(role) }),
    ...(professional && { professional: uziOf(professional) }),
    ...(mandated && { mandated: uziOf(mandated) }),
  };
}

function readDetail(given: { readonly value: string; readonly expression: string } | undefined): Detail {
  if (given === undefined || given.value === 'full') return 'full';
  if (given.value === 'basic') return 'basic';
  throw problem('invalid', 'unknown-detail', 'The detail is neither basic nor full.', `${given.expression}.valueCode`);
}

function requireDifferent(dataCategories: readonly string[]): void {
  if (new Set(dataCategories).size === dataCategories.length) return;
  throw problem('malformed', 'data-category-repeated', 'A data category is asked twice in one question.', 'Parameters');
}
