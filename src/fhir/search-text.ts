const ACCENTS = /\p{M}/gu;
/** Stands before a text that is kept as written; no searched text can begin with it, control characters are refused. */
const AS_WRITTEN = '\u0001';

/**
 * How texts are compared by default: without accents, in lower case. https://hl7.org/fhir/R4/search.html#string
 * Accents that stand by themselves go first: putting many of them into order costs the square of their number.
 */
export function foldText(text: string): string {
  return text.replace(ACCENTS, '').normalize('NFD').replace(ACCENTS, '').toLowerCase();
}

/** The form in which a text is found by `:exact` only. */
export function exactText(text: string): string {
  return AS_WRITTEN + text;
}

/** Splits at a separator that no backslash precedes; the parts keep their backslashes. */
export function splitUnescaped(text: string, separator: ',' | '|'): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Takes the backslashes away: https://hl7.org/fhir/R4/search.html#escaping */
export function unescapeText(text: string): string {
  return text.replace(/\\([\\,|$])/g, '$1');
}

/** The forms in which a code can be searched: by itself, with its system, without system, and any code of the system. */
export function tokenForms(system: string | undefined, code: string): readonly string[] {
  return system === undefined ? [code, `|${code}`] : [code, `${system}|${code}`, `${system}|`];
}
