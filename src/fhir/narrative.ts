/** Elements that only format text. Images, objects, forms and styles stay out: they load, ask or hide something. */
const ALLOWED_ELEMENTS: ReadonlySet<string> = new Set(
  (
    'a abbr b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li ol p ' +
    'pre q samp small span strong sub sup table tbody td tfoot th thead tr tt u ul var'
  ).split(' '),
);

const ALLOWED_ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'abbr align border cellpadding cellspacing char charoff class colspan dir frame headers id lang name rowspan rules ' +
    'scope span summary title type valign value width xml:lang'
  ).split(' '),
);

/** Elements that may stand in each other. */
const MOST_OPEN = 32;
/** A narrative is to be read: no text has more tags, however large the resource. */
const MOST_TAGS = 10_000;
const XHTML = 'http://www.w3.org/1999/xhtml';
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z:]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/gy;
const ATTRIBUTE = /([a-zA-Z:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const TEXT = /[^<]+/y;
const BARE_AMPERSAND = /&(?!(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/;
/** A link goes to a page, a mailbox or this text itself. Apart from `&amp;`, entities could spell another scheme. */
const LINK = /^(?:https?:\/\/|mailto:|#)(?:[^&\s]|&amp;)*$/;

/**
 * Whether a narrative is one well-formed XHTML `div` with some text, made of formatting elements and harmless attributes
 * only, in 10,000 tags at most. Everything else is refused: script, event and style attributes, images, forms, comments, other
 * namespaces.
 * Stricter than R4, which allows images and inline styles: https://hl7.org/fhir/R4/narrative.html#xhtml
 */
export function isHarmlessNarrative(div: string): boolean {
  const source = div.trim();
  return !BARE_AMPERSAND.test(source) && isWellFormed(source) && hasText(source);
}

function hasText(source: string): boolean {
  return source.replace(/<[^>]*>/g, '').trim() !== '';
}

function isWellFormed(source: string): boolean {
  const open: string[] = [];
  let at = readTag(source, 0, open);
  for (let tags = 1; at !== undefined && at < source.length;) {
    // The root div may close only at the very end.
    if (open.length === 0 || tags === MOST_TAGS) return false;
    const isTag = source[at] === '<';
    at = isTag ? readTag(source, at, open) : endOfText(source, at);
    if (isTag) tags += 1;
  }
  return at !== undefined && open.length === 0;
}

function endOfText(source: string, at: number): number {
  TEXT.lastIndex = at;
  TEXT.exec(source);
  return TEXT.lastIndex;
}

/** Reads one tag, keeps the list of open elements, and gives where the tag ends; `undefined` when it is not allowed. */
function readTag(source: string, at: number, open: string[]): number | undefined {
  TAG.lastIndex = at;
  const match = TAG.exec(source);
  if (match === null) return undefined;
  const [, closing, name = '', attributes = '', empty] = match;
  if (closing === '/') return attributes === '' && empty === '' && open.pop() === name ? TAG.lastIndex : undefined;
  if (open.length >= MOST_OPEN || !isAllowed(name, attributes, open.length === 0)) return undefined;
  if (empty !== '/') open.push(name);
  return TAG.lastIndex;
}

/** The root is a `div` that says it is XHTML; inside it nothing may say it is anything else. */
function isAllowed(name: string, attributes: string, isRoot: boolean): boolean {
  if (!isRoot && attributes === '') return ALLOWED_ELEMENTS.has(name);
  const values = new Map<string, string>();
  for (const [, key = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (values.has(key)) return false;
    values.set(key, double ?? single ?? '');
  }
  if (isRoot && (name !== 'div' || values.get('xmlns') !== XHTML)) return false;
  if (isRoot) values.delete('xmlns');
  return ALLOWED_ELEMENTS.has(name) && [...values].every(([key, value]) => isAllowedAttribute(key, value));
}

function isAllowedAttribute(name: string, value: string): boolean {
  return name === 'href' ? LINK.test(value) : ALLOWED_ATTRIBUTES.has(name);
}
