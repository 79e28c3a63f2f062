import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { CatalogueGains } from './case.ts';

/** The next version of a catalogue: one organisation type more, and one question for each named cell. */
export function gainQuestion(catalogue: Catalogue, gains: CatalogueGains): Catalogue {
  const { code, requesterCategory } = gains.organisationType;
  const type = { code, system: 'https://example.org/type', names: { nl: code, en: code }, requesterCategory };
  const rows = [...catalogue.holderCategories].map(([key, row]) => {
    const gained = gains.questions.filter((question) => question.holderCategory === key);
    const requesterCategories = [...row.requesterCategories, ...gained.map((question) => question.requesterCategory)];
    return [key, { ...row, requesterCategories }] as const;
  });
  return {
    ...catalogue,
    version: gains.version,
    holderCategories: new Map(rows),
    organisationTypes: new Map([...catalogue.organisationTypes, [code, { ...type, mayGrantEmergency: false }]]),
  };
}
