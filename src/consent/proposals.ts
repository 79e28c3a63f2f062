import type { Place } from '../decision/consent-profile.ts';
import { readPlace, type StoredRule } from '../decision/stored-rule.ts';
import type { ProposedAnswer } from '../fhir/family-parameters.ts';
import { type ConsentRow, findConsents } from '../storage/consent.ts';
import type { Sql } from '../storage/database.ts';
import { type StandingConsent, standingAnswers } from './plan-confirmation.ts';

/** A citizen's Consents with answers that count or wait; emergency grants are no answers. */
export async function findAnswers(sql: Sql, patientKey: Buffer): Promise<AnswerRow[]> {
  return (await findConsents(sql, [patientKey])).filter(hasAnswers);
}

/** A Consent with answers that count or wait: its rule names one holder place. */
export type AnswerRow = ConsentRow & { readonly rule: StandingConsent['rule'] };

export function isProposed({ status }: ConsentRow): boolean {
  return status === 'proposed';
}

/** `Consent/4f1…/_history/2` */
export function versionOf({ id, version }: ConsentRow): string {
  return `Consent/${id}/_history/${version}`;
}

/** What a child proposes: in each place the answer that would count, and whether it differs from what counts already. */
export function proposedAnswers(rows: readonly AnswerRow[]): ProposedAnswer[] {
  const waiting = rows.filter(isProposed);
  const earlier = rows.filter((row) => !isProposed(row));
  const before = new Map(earlier.flatMap((row) => placed(row, earlier)));
  const proposed = new Map(waiting.flatMap((row) => placed(row, waiting)));
  return [...proposed].map(([key, answer]) => ({ ...answer, isNew: before.get(key)?.decision !== answer.decision }));
}

type Placed = Omit<ProposedAnswer, 'isNew'>;

/** The answers of one Consent that count among these, each with its places in one text. */
function placed(row: AnswerRow, among: readonly AnswerRow[]): [string, Placed][] {
  const { holder } = row.rule;
  return standingAnswers(row, among).map(([requester, decision]) => [
    `${holder} ${requester}`,
    { holderPlace: placeOf(holder), requesterPlace: placeOf(requester), decision },
  ]);
}

function hasAnswers(row: ConsentRow): row is AnswerRow {
  const rule = row.rule as StoredRule | null;
  return rule !== null && rule.grant === undefined && typeof rule.holder === 'string' && rule.holder !== 'all';
}

/** The place that a stored text names. */
export function placeOf(text: string): Place {
  const place = readPlace(text);
  if (place === undefined) throw new Error('a place of our own making cannot be read');
  return place;
}
