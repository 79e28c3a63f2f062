const LONE_SURROGATE = /\p{Surrogate}/u;
const FIRST_PRINTABLE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/**
 * Whether a text holds what a FHIR string may not: a control character other than tab, line feed and return,
 * or half of a surrogate pair. Source: https://hl7.org/fhir/R4/datatypes.html#string
 */
export function hasRefusedCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < FIRST_PRINTABLE && code !== TAB && code !== LINE_FEED && code !== RETURN) return true;
  }
  return LONE_SURROGATE.test(text);
}
