const LONE_SURROGATE = /\p{Surrogate}/u;
/** Written as a text, because a control character in a pattern is a slip anywhere else. */
const CONTROL = new RegExp(String.raw`[\0-\x08\v\f\x0e-\x1f]`);

/**
 * Whether a text holds what a FHIR string may not: a control character other than tab, line feed and return,
 * or half of a surrogate pair. Source: https://hl7.org/fhir/R4/datatypes.html#string
 */
export function hasRefusedCharacter(text: string): boolean {
  return CONTROL.test(text) || LONE_SURROGATE.test(text);
}
