import type { Catalogue } from '../catalogue/catalogue.ts';
import { dataCategoryOfRow } from '../catalogue/look-up.ts';
import { placeText, type PlaceText } from '../decision/stored-rule.ts';
import type { Choice } from '../fhir/choose-parameters.ts';
import { type ChosenAnswer, requireQuestions } from '../fhir/chosen-cells.ts';
import { problem } from '../problem.ts';
import { findOrganizations } from '../storage/organization.ts';
import type { ResolvedChoice } from './plan-choice.ts';
import type { Unit } from './unit.ts';

/** What the catalogue asks about a holder place. */
interface Row {
  readonly dataCategory: string;
  readonly requesterCategories: readonly string[];
}

type Rows = ReadonlyMap<PlaceText, Row>;

/**
 * The choice with every place known, by the registry and the catalogue.
 * @throws Problem invalid for a holder that is not registered, or has no one data category, and a cell without a question
 */
export async function resolveChoice(unit: Unit, choice: Choice): Promise<ResolvedChoice> {
  if (choice.option !== 'certain') return choice;
  const rows = await resolveRows(unit, choice.answers);
  return { option: 'certain', answers: choice.answers.map((answer) => resolveAnswer(rows, answer)) };
}

/** The row of every holder place the answers name, by the registry; of a category, by the catalogue. */
async function resolveRows({ register, sql }: Unit, answers: readonly ChosenAnswer[]): Promise<Rows> {
  const { catalogue } = register;
  const rows = new Map<PlaceText, Row>(categoryRows(catalogue));
  const individual = answers.flatMap(({ holder }) => (holder.kind === 'organisation' ? [holder.ura] : []));
  const registered = new Map((await findOrganizations(sql, individual)).map((row) => [row.ura, row]));
  for (const answer of answers) {
    // Taking answers back needs neither registration nor questions.
    if (answer.holder.kind === 'category' || answer.decision === 'clear') continue;
    const codes = (registered.get(answer.holder.ura)?.types ?? []).flatMap(
      (type) => catalogue.organisationTypes.get(type)?.holderCategory ?? [],
    );
    if (codes.length === 0) {
      const text = 'The holder organisation is not registered.';
      throw problem('invalid', 'holder-not-registered', text, answer.expression);
    }
    requireQuestions(catalogue, answer, codes);
    rows.set(placeText(answer.holder), widestRow(catalogue, codes, answer.expression));
  }
  return rows;
}

function categoryRows(catalogue: Catalogue): [PlaceText, Row][] {
  return [...catalogue.holderCategories.values()].map((row) => [`c:${row.code}`, row]);
}

/**
 * An organisation of several kinds answers as the kind with the widest data category, for every question of its kinds.
 * @throws Problem invalid when none is the widest: one answer would cover a part only, unsaid
 */
function widestRow(catalogue: Catalogue, codes: readonly string[], expression: string): Row {
  const categories = [...new Set(codes.map((code) => dataCategoryOfRow(catalogue, code) ?? ''))];
  const widest = categories.find((wide) =>
    categories.every((one) => catalogue.dataCategories.get(wide)?.covers.has(one)),
  );
  if (widest === undefined) {
    const text = 'No data category of this organisation holds its others: answer for its holder categories.';
    throw problem('invalid', 'several-data-categories', text, expression);
  }
  const requesters = codes.flatMap((code) => catalogue.holderCategories.get(code)?.requesterCategories ?? []);
  return { dataCategory: widest, requesterCategories: [...new Set(requesters)] };
}

function resolveAnswer(rows: Rows, { holder, requesters, decision }: ChosenAnswer) {
  const place = placeText(holder);
  const found = rows.get(place);
  const row = found?.requesterCategories ?? [];
  const wholeRow = requesters === 'row';
  const places = wholeRow ? row.map((code): PlaceText => `c:${code}`) : requesters.map(placeText);
  const category = found === undefined ? {} : { category: found.dataCategory };
  return { holder: place, requesters: places, wholeRow, decision, ...category };
}
