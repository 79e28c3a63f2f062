import { Problem, problem } from '../problem.ts';
import type { EntryAddress } from './bundle-url.ts';
import { readEntryUrl } from './bundle-url.ts';
import { parseStrictJson } from './strict-json.ts';

export type EntryMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request of a batch or transaction. */
export interface EntryRequest extends EntryAddress {
  /** Place in the Bundle, from 0; the answer goes there. */
  readonly index: number;
  readonly method: EntryMethod;
  readonly fullUrl?: string;
  /** The resource as it came; for PATCH the JSON Patch document. */
  readonly body?: unknown;
  readonly headers: EntryHeaders;
}

interface EntryHeaders {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifNoneExist?: string;
}

/** An entry of a batch that could not be read: it fails by itself. */
export interface BrokenEntry {
  readonly index: number;
  readonly problem: Problem;
}

export type RequestBundle =
  | { readonly type: 'batch'; readonly entries: readonly (EntryRequest | BrokenEntry)[] }
  | { readonly type: 'transaction'; readonly entries: readonly EntryRequest[] };

type Fields = Readonly<Record<string, unknown>>;

const MOST_ENTRIES = 500;
const BUNDLE_KEYS = new Set(['resourceType', 'id', 'meta', 'language', 'identifier', 'type', 'timestamp', 'entry']);
const ENTRY_KEYS = new Set(['id', 'fullUrl', 'resource', 'request']);
const HEADERS = ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist'] as const;
const REQUEST_KEYS = new Set<string>(['id', 'method', 'url', ...HEADERS]);
const METHODS: readonly EntryMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const JSON_PATCH = 'application/json-patch+json';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LONGEST_HEADER = 4000;

/**
 * Reads a batch or transaction Bundle (rule 9).
 *
 * @throws Problem `malformed` for a Bundle that cannot be read, or a transaction of which an entry cannot; `too-large`
 *   for more than 500 entries.
 */
export function readBundle(value: unknown): RequestBundle {
  if (!isObject(value) || value['resourceType'] !== 'Bundle') throw malformed('Not a Bundle.', 'Bundle');
  const { type, entry = [] } = value;
  if (type !== 'batch' && type !== 'transaction') throw malformed('Not a batch or a transaction.', 'Bundle.type');
  requireKeys(value, BUNDLE_KEYS, 'Bundle');
  if (!Array.isArray(entry)) throw malformed('The entries are no list.', 'Bundle.entry');
  if (entry.length > MOST_ENTRIES) {
    throw problem('too-large', 'bundle-too-long', `A Bundle holds at most ${MOST_ENTRIES} entries.`, 'Bundle.entry');
  }
  const read = entry.map((one: unknown, index) => readEntry(one, index));
  requireDifferentUrls(read);
  if (type === 'batch') return { type, entries: read };
  return { type, entries: read.map(requireRead) };
}

/** Whether an entry could be read. */
export function isBroken(entry: EntryRequest | BrokenEntry): entry is BrokenEntry {
  return 'problem' in entry;
}

function requireRead(entry: EntryRequest | BrokenEntry): EntryRequest {
  if (isBroken(entry)) throw entry.problem;
  return entry;
}

function readEntry(value: unknown, index: number): EntryRequest | BrokenEntry {
  try {
    return readRequest(value, index, `Bundle.entry[${index}]`);
  } catch (error) {
    if (error instanceof Problem) return { index, problem: error };
    throw error;
  }
}

function readRequest(entry: unknown, index: number, at: string): EntryRequest {
  if (!isObject(entry)) throw malformed('The entry is no object.', at);
  requireKeys(entry, ENTRY_KEYS, at);
  const { fullUrl, request, resource } = entry;
  if (!isObject(request)) throw malformed('The entry has no request.', `${at}.request`);
  requireKeys(request, REQUEST_KEYS, `${at}.request`);
  const method = METHODS.find((known) => known === request['method']);
  if (method === undefined) throw malformed('The method is not known.', `${at}.request.method`);
  if (fullUrl !== undefined && !isText(fullUrl)) throw malformed('The fullUrl is no text.', `${at}.fullUrl`);
  if (!isText(request['url'])) throw malformed('The request has no url.', `${at}.request.url`);
  if (WITH_BODY.has(method) !== isObject(resource)) {
    throw malformed('POST, PUT and PATCH have a resource, the other methods have none.', `${at}.resource`);
  }
  return {
    index,
    method,
    ...readEntryUrl(request['url'], `${at}.request.url`),
    ...(fullUrl !== undefined && { fullUrl }),
    ...(isObject(resource) && { body: method === 'PATCH' ? readPatch(resource, `${at}.resource`) : resource }),
    headers: readHeaders(request, `${at}.request`),
  };
}

function readHeaders(request: Fields, at: string): EntryHeaders {
  const given = HEADERS.filter((name) => request[name] !== undefined).map((name) => {
    const value = request[name];
    if (!isText(value)) throw malformed('The condition is no text.', `${at}.${name}`);
    return [name, value] as const;
  });
  return Object.fromEntries(given);
}

/** A JSON Patch travels in a Bundle as Binary: https://hl7.org/fhir/R4/http.html#patch */
function readPatch(resource: Fields, at: string): unknown {
  const { resourceType, contentType, data } = resource;
  const isPatch =
    resourceType === 'Binary' && contentType === JSON_PATCH && typeof data === 'string' && BASE64.test(data);
  if (!isPatch) throw malformed('A patch is a Binary with a JSON Patch document.', at);
  return parseStrictJson(Buffer.from(data, 'base64').toString('utf8'));
}

/** https://hl7.org/fhir/R4/bundle.html#bdl-7 */
function requireDifferentUrls(entries: readonly (EntryRequest | BrokenEntry)[]): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    if (isBroken(entry) || entry.fullUrl === undefined) continue;
    if (seen.has(entry.fullUrl)) throw malformed('A fullUrl is given twice.', `Bundle.entry[${entry.index}].fullUrl`);
    seen.add(entry.fullUrl);
  }
}

function requireKeys(value: Fields, known: ReadonlySet<string>, at: string): void {
  if (Object.keys(value).every((key) => known.has(key))) return;
  throw problem('malformed', 'element-unknown', 'An element that is not known here.', at);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_HEADER;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(text: string, expression: string): Problem {
  return problem('malformed', 'bundle-malformed', text, expression);
}
