import { DATA_CATEGORY_SYSTEM, HOLDER_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from './catalogue.ts';
import type { Concept } from './read-code-system.ts';

/** The concepts of the three code systems that questions and situations speak of. */
export interface CategoryCodes {
  readonly data: ReadonlyMap<string, Concept>;
  readonly holder: ReadonlyMap<string, Concept>;
  readonly requester: ReadonlyMap<string, Concept>;
}

const PROPERTIES = {
  data: ['data-category', DATA_CATEGORY_SYSTEM],
  holder: ['holder-category', HOLDER_CATEGORY_SYSTEM],
  requester: ['requester-category', REQUESTER_CATEGORY_SYSTEM],
} as const;

/**
 * The categories of one kind that a concept names in its property, at least one.
 * @param kind what the concept is, for the Error that names it: `Question`
 */
export function readCategories(
  kind: string,
  concept: Concept,
  of: keyof CategoryCodes,
  codes: CategoryCodes,
): readonly string[] {
  const [property, system] = PROPERTIES[of];
  const values = concept.properties.get(property) ?? [];
  if (values.length === 0) throw new Error(`${kind} ${concept.code} has no ${property}.`);
  const stranger = values.find((value) => value.system !== system || !codes[of].has(value.code));
  if (stranger) throw new Error(`${kind} ${concept.code} names ${property} ${stranger.code}, which does not exist.`);
  return values.map((value) => value.code);
}

/** The same where one code belongs. */
export function readCategory(kind: string, concept: Concept, of: keyof CategoryCodes, codes: CategoryCodes): string {
  const values = readCategories(kind, concept, of, codes);
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) {
    throw new Error(`${kind} ${concept.code} names ${values.join(' and ')} where one code belongs.`);
  }
  return value;
}
