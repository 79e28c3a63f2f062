import type { Catalogue } from './catalogue.ts';

/** The data category of a holder category's row; undefined when there is no such row. */
export function dataCategoryOfRow(catalogue: Catalogue, holderCategory: string): string | undefined {
  return catalogue.holderCategories.get(holderCategory)?.dataCategory;
}

/** Whether the catalogue asks this cell. An answer for a cell without a question cannot be recorded. */
export function hasQuestion(catalogue: Catalogue, holderCategory: string, requesterCategory: string): boolean {
  const row = catalogue.holderCategories.get(holderCategory);
  return row?.requesterCategories.includes(requesterCategory) ?? false;
}

/** Whether a yes for `given` also answers `asked`: the same category, or one contained in it. */
export function covers(catalogue: Catalogue, given: string, asked: string): boolean {
  return catalogue.dataCategories.get(given)?.covers.has(asked) ?? false;
}

/** Every asked cell as holder category and requester category, in catalogue order. */
export function allCells(catalogue: Catalogue): readonly (readonly [holder: string, requester: string])[] {
  return [...catalogue.holderCategories.values()].flatMap(({ code, requesterCategories }) =>
    requesterCategories.map((requester) => [code, requester] as const),
  );
}

/** The data category that contains all others. @throws Error when the catalogue has none */
export function widestDataCategory({ dataCategories }: Catalogue): string {
  const widest = [...dataCategories.values()].find((one) =>
    [...dataCategories.keys()].every((code) => one.covers.has(code)),
  );
  if (widest === undefined) throw new Error('No data category of the catalogue contains all others.');
  return widest.code;
}

/** The requester categories about which a holder of these types records with its button; empty: it has none. */
export function buttonRequesters(catalogue: Catalogue, types: readonly string[]): readonly string[] {
  const categories = types.map((type) => catalogue.organisationTypes.get(type)?.holderCategory);
  const own = catalogue.situations.filter(({ holderCategory }) => categories.includes(holderCategory));
  return [...new Set(own.flatMap(({ requesterCategories }) => requesterCategories))];
}

/** Whether an organisation of these types takes part in care: not one of insurers, employers and company doctors alone. */
export function isInCare({ organisationTypes }: Catalogue, types: readonly string[]): boolean {
  return types.some((type) => organisationTypes.get(type)?.requesterCategory !== undefined);
}
