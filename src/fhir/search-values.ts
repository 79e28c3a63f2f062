import type { Conformance } from './conformance.ts';
import type { DateRange } from './date-range.ts';
import { readDateRange } from './date-range.ts';
import { BSN_SYSTEM, isBsn } from './identifiers.ts';
import { exactText, foldText, tokenForms } from './search-text.ts';

/** What a resource is found by, per search parameter: texts for token, reference and string, periods for date. */
export type SearchValues = Readonly<Record<string, readonly string[] | readonly DateRange[]>>;

type Fields = Readonly<Record<string, unknown>>;

const LITERAL = /^([A-Z][A-Za-z]{0,63}\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;
/** The register keeps these itself. */
const KEPT_APART = new Set(['_id', '_lastUpdated']);
/** Ends of an open period: the ends of time as ECMAScript knows it, in milliseconds. */
const BEGINNING = -8.64e15;
const END = 8.64e15;

/**
 * The values a resource can be found by, one list per search parameter that finds any. A BSN is never among them: it is
 * found by its keyed hash only.
 */
export function searchValues(conformance: Pick<Conformance, 'searchRules'>, resource: unknown): SearchValues {
  const type = isObject(resource) ? resource['resourceType'] : undefined;
  const rules = typeof type === 'string' ? conformance.searchRules.get(type) : undefined;
  const found = [...(rules ?? [])].flatMap(([code, { definition, extract }]) => {
    if (KEPT_APART.has(code)) return [];
    const values = valuesOf(definition.type, extract(resource));
    return values.length === 0 ? [] : [[code, values] as const];
  });
  return Object.fromEntries(found);
}

function valuesOf(type: string, elements: readonly unknown[]): readonly string[] | readonly DateRange[] {
  switch (type) {
    case 'token':
      return distinct(elements.flatMap(tokensOf));
    case 'reference':
      return distinct(elements.flatMap(referencesOf));
    case 'string':
      return distinct(elements.flatMap(textsOf).flatMap((text) => [foldText(text), exactText(text)]));
    case 'date':
      return elements.flatMap(periodsOf);
    default:
      return [];
  }
}

/** Identifier, CodeableConcept, Coding, ContactPoint, code, string, boolean. */
function tokensOf(element: unknown): readonly string[] {
  if (typeof element === 'string' || typeof element === 'boolean') return tokenForms(undefined, String(element));
  if (!isObject(element)) return [];
  const { coding, code, value } = element;
  if (Array.isArray(coding)) return coding.flatMap(tokensOf);
  const system = typeof element['system'] === 'string' ? element['system'] : undefined;
  const text = typeof code === 'string' ? code : value;
  if (typeof text !== 'string' || isCitizenNumber(system, text)) return [];
  return tokenForms(system, text);
}

function isCitizenNumber(system: string | undefined, text: string): boolean {
  return system === BSN_SYSTEM || (system === undefined && isBsn(text));
}

/** Literal references within this register, without their version. */
function referencesOf(element: unknown): readonly string[] {
  const reference = isObject(element) ? element['reference'] : element;
  const match = typeof reference === 'string' ? LITERAL.exec(reference) : null;
  return match?.[1] === undefined ? [] : [match[1]];
}

/** A string, or every text in a HumanName or Address. */
function textsOf(element: unknown): readonly string[] {
  if (typeof element === 'string') return [element];
  if (!isObject(element)) return [];
  const { text, family, given, prefix, suffix, line, city, postalCode } = element;
  return [text, family, given, prefix, suffix, line, city, postalCode]
    .flat()
    .filter((part): part is string => typeof part === 'string');
}

/** A date, dateTime or instant, or a Period, of which a missing end is open. */
function periodsOf(element: unknown): readonly DateRange[] {
  if (typeof element === 'string') return [readDateRange(element)].filter((range) => range !== undefined);
  if (!isObject(element)) return [];
  const [start, end] = [rangeIn(element['start']), rangeIn(element['end'])];
  if (start === undefined && end === undefined) return [];
  return [{ from: start?.from ?? BEGINNING, to: end?.to ?? END }];
}

function rangeIn(value: unknown): DateRange | undefined {
  return typeof value === 'string' ? readDateRange(value) : undefined;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
