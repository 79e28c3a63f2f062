import type { Issue } from '../problem.ts';

/** Every code of a refused element with the sentence the caller reads. Sentences never hold a value. */
const TEXTS = {
  'code-unknown': 'The code is not in the value set that this element is bound to.',
  'contained-circular': 'The contained resources refer to each other in a circle.',
  'contained-refused': 'Contained resources are not accepted.',
  'date-invalid': 'The date is not written as its type asks, or does not exist.',
  'element-empty': 'The element is empty.',
  'element-forbidden': 'The profile does not allow this element.',
  'element-invalid': 'The element is not what R4 defines for its type.',
  'element-missing': 'The element is required.',
  'element-shape': 'The element is given as a list where one value belongs, or the other way round.',
  'element-too-many': 'The element occurs more often than the profile allows.',
  'element-unknown': 'There is no such element here.',
  'extension-unknown': 'The profile does not list this extension here.',
  'json-depth': 'The resource is nested more than 32 levels, or holds more than 100,000 values.',
  'narrative-unsafe': 'The narrative is not one XHTML div of text and plain formatting.',
  'period-reversed': 'The period ends before it starts.',
  'profile-unknown': 'The profile named here is none of this server for this type.',
  'reference-invalid': 'The reference is not of the form Type/id.',
  'reference-type': 'The reference points to a type of resource that does not belong here.',
  'resource-too-large': 'The resource holds more than 2,000 values.',
  'resource-type': 'The resource is not of the type that is expected here.',
  'slice-unknown': 'The profile allows only the kinds of value it lists, and this is none of them.',
  'string-character': 'The text holds a control character or half of a surrogate pair.',
  'type-wrong': 'The value is not of the type this element has.',
  'value-fixed': 'The element does not have the value that the profile fixes for it.',
} as const;

export type FindingCode = keyof typeof TEXTS;

/**
 * What makes a resource unreadable for anybody (400), beside what only our profile refuses (422).
 * https://hl7.org/fhir/R4/http.html#create
 */
const UNREADABLE: ReadonlySet<string> = new Set<FindingCode>([
  'contained-circular',
  'date-invalid',
  'json-depth',
  'narrative-unsafe',
  'period-reversed',
  'resource-too-large',
  'string-character',
]);

/** The kind of problem that a resource is refused with for these issues. */
export function kindOf(issues: readonly Issue[]): 'malformed' | 'invalid' {
  return issues.some(({ code }) => UNREADABLE.has(code)) ? 'malformed' : 'invalid';
}

/** One refused element. */
export function finding(code: FindingCode, expression: string): Issue {
  return { code, text: TEXTS[code], expression };
}

/** Element names are letters. Anything else may be data in the wrong place, which is not shown. */
const SHOWN_NAME = /^_?[A-Za-z]{1,40}$/;

/** The path of a key below an element; of the element itself when the key is not fit to be shown. */
export function pathOf(path: string, key: string): string {
  return SHOWN_NAME.test(key) ? `${path}.${key}` : path;
}

/** A path somebody else made, up to the first part that is no plain name of an element. */
export function shownPath(path: string): string {
  const parts = path.split('.');
  const end = parts.findIndex((part) => !SHOWN_NAME.test(part.replace(/\[(\d+|x)\]$/, '')));
  return end < 0 ? path : parts.slice(0, end).join('.');
}
