import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { ELS, KARIM, NOOR } from '../../http/people.ts';
import { mutated, mutation } from './mutations.ts';
import { type Address, ADDRESSES, bodiesFor } from './templates.ts';
import { text } from './values.ts';

/** A request as it is sent; `as` names whose token goes along. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly as?: string;
}

const CITIZENS = [NOOR, KARIM, ELS, '999999990'];
const CALLERS = ['gp', 'pharmacy', 'hospital', 'post', 'exchange', 'auditor', 'admin'];

/** Names of search parameters, from the definitions themselves, and those that FHIR has for all types. */
const PARAMETERS = [
  ...new Set(
    readdirSync(new URL('../../../profiles/built/', import.meta.url)).flatMap(
      (name) => /^SearchParameter-(?:[A-Za-z]+-)?(.+)\.json$/.exec(name)?.[1] ?? [],
    ),
  ),
  ...['_id', '_lastUpdated', '_count', '_sort', '_total', '_summary', '_elements', '_include', '_revinclude', '_has'],
  ...[
    '_format',
    '_pretty',
    '_since',
    '_at',
    '_cursor',
    '_contained',
    '_filter',
    '_query',
    '_text',
    '_content',
    '_profile',
  ],
  ...['patient', 'patient.identifier', 'identifier', 'status', 'category', 'actor', 'date', 'agent', 'entity', 'type'],
];
const MODIFIERS = [
  '',
  '',
  '',
  ':exact',
  ':contains',
  ':missing',
  ':not',
  ':identifier',
  ':Patient',
  ':above',
  ':foo',
  ':',
];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
const TYPES = [
  'application/fhir+json',
  'application/json',
  'application/json-patch+json',
  'application/x-www-form-urlencoded',
  'application/fhir+ndjson',
  'application/fhir+xml',
  'application/json; charset=utf-7',
  'text/plain',
  'nonsense',
];

/** What a header may be given, beside any text. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  Accept: [...TYPES, '*/*', 'text/html;q=0.1'],
  'Content-Type': TYPES,
  'If-Match': ['W/"1"', 'W/"2"', '"1"', '*', 'W/"99999999999"', 'W/"-1"'],
  'If-None-Match': ['W/"1"', '*'],
  'If-None-Exist': ['identifier=a|b', 'status=active', '_id=absent', '&&&'],
  'If-Modified-Since': ['Sun, 22 Nov 2026 00:00:00 GMT', 'yesterday'],
  Prefer: ['return=minimal', 'return=OperationOutcome', 'handling=lenient', 'respond-async'],
  'X-HTTP-Method-Override': ['DELETE', 'PUT'],
  'X-Forwarded-For': ['127.0.0.1', '::1, 10.0.0.1'],
  'Client-Cert': [':AAAA:'],
  DPoP: ['a.b.c'],
  'Idempotency-Key': ['6f1d1f1e-9c1b-4b7e-8f6a-0d1c2b3a4f5e', '"key"'],
  'Content-Encoding': ['gzip', 'identity', 'br', 'constructor', '__proto__'],
  'Accept-Encoding': ['gzip', 'br;q=0'],
  Cookie: ['session=abc', '__Host-akkoord=abc'],
  Origin: ['https://elsewhere.example', 'null'],
  Range: ['bytes=0-1'],
  'User-Agent': ['{{7*7}}', '=cmd()'],
  Authorization: ['Bearer x', 'Bearer a.b.c', 'Basic Z3A6Z3A=', 'DPoP a.b.c', 'Bearer'],
};

const header = fc
  .constantFrom(...Object.keys(HEADERS))
  .chain((name) =>
    fc.tuple(fc.constant(name), fc.oneof(fc.constantFrom(...(HEADERS[name] ?? [])), text.map(headerText))),
  );

/** What a header line may hold at all. */
function headerText(raw: string): string {
  return raw.replace(/[^\x20-\x7e]/g, '').slice(0, 4000);
}

const queryPair = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PARAMETERS) }, { weight: 1, arbitrary: text }),
    fc.constantFrom(...MODIFIERS),
    fc.oneof(
      text,
      fc.constantFrom('1', '10', '-1', '0', '1000000000', 'accurate', '*', 'Consent:patient', '-date,_id'),
    ),
  )
  .map(([name, modifier, value]) => `${encode(name)}${modifier}=${encode(value)}`);

function encode(raw: string): string {
  return encodeURIComponent(raw.replace(/\p{Surrogate}/gu, '?')).slice(0, 3000);
}

/** Stands for an id that the server itself has named, of the type in the path. */
export const ID = ':id';

const segment = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(ID, ID, ID, 'absent') },
  { weight: 1, arbitrary: text.map(encode) },
);

/** What the forms outside FHIR have, with some of what they take. */
const FORM_NAMES = [
  ...['grant_type', 'client_assertion_type', 'client_assertion', 'client_id', 'client_secret', 'scope', 'resource'],
  ...['token', 'token_type_hint', 'code', 'state', 'iss', 'token_of_page', 'bsn', 'assurance', 'decision'],
];
const FORM_VALUES = [
  ...['client_credentials', 'authorization_code', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  ...['gp', 'admin', 'a.b.c', 'system/Consent.check', 'access_token', 'substantial'],
];
const formPair = fc
  .tuple(fc.constantFrom(...FORM_NAMES), fc.oneof(text, fc.constantFrom(...FORM_VALUES)))
  .map(([name, given]) => `${name}=${encode(given)}`);

/** The addresses that take a form, and what it is made of. */
function pairFor(path: string): fc.Arbitrary<string> | undefined {
  if (path.endsWith('_search')) return queryPair;
  const isJson = path.startsWith('/fhir') || path.startsWith('/oauth/register');
  return isJson ? undefined : formPair;
}

const form = (path: string): fc.Arbitrary<string> =>
  fc.array(pairFor(path) ?? queryPair, { maxLength: 6 }).map((pairs) => pairs.join('&'));

const body = (path: string, bsn: string): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: pairFor(path) === undefined ? 8 : 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...bodiesFor(path, bsn)), fc.array(mutation, { maxLength: 3 }))
        .map(([document, mutations]) => JSON.stringify(mutated(document, mutations))),
    },
    { weight: pairFor(path) === undefined ? 1 : 8, arbitrary: form(path) },
    { weight: 1, arbitrary: fc.oneof(text, fc.constantFrom('{', '[]', '{"a":1,"a":2}', '"\\ud800"', '{"\\u0000":1}')) },
  );

const anybody = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CALLERS) },
  { weight: 5, arbitrary: fc.constantFrom(...CITIZENS).map((bsn) => `citizen:${bsn}`) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

/** Mostly somebody who gets something there. */
function caller({ welcome }: Address, citizen: string): fc.Arbitrary<string | undefined> {
  const guests = welcome.map((name) => (name === 'own' ? `citizen:${citizen}` : name));
  if (guests.length === 0) return anybody;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...guests) }, { weight: 1, arbitrary: anybody });
}

/** One time in twenty. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const chosen = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  otherMethod: seldom(fc.constantFrom(...METHODS)),
  segments: fc.tuple(segment, fc.constantFrom('1', '2', '0', '999999999', 'x')),
  strayPath: seldom(text.map(encode)),
  query: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(queryPair, { maxLength: 4 }) },
  ),
  headers: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(header, { maxLength: 3 }) },
  ),
  citizen: fc.constantFrom(...CITIZENS),
});

/** Every address, every parameter, every header: sound requests, bent in up to a dozen ways. */
export const fuzzedRequest: fc.Arbitrary<FuzzedRequest> = chosen.chain((one) =>
  fc.tuple(body(one.address.path, one.citizen), caller(one.address, one.citizen)).map(([content, as]) => {
    const method = one.otherMethod ?? one.address.method;
    const path = one.address.path.replace(':version', one.segments[1]).replace(/:[a-z]+/, one.segments[0]);
    const query = one.query.length === 0 ? '' : `?${one.query.join('&')}`;
    const type =
      pairFor(path) !== undefined ? 'application/x-www-form-urlencoded' : method === 'PATCH' ? TYPES[2] : TYPES[0];
    const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
    return {
      method,
      path: `${path}${one.strayPath === undefined ? '' : `/${one.strayPath}`}${query}`,
      headers: {
        ...(hasBody ? { 'Content-Type': type ?? '' } : {}),
        ...(method === 'PUT' || method === 'PATCH' || method === 'DELETE' ? { 'If-Match': 'W/"1"' } : {}),
        ...Object.fromEntries(one.headers),
      },
      ...(hasBody ? { body: content } : {}),
      ...(as === undefined ? {} : { as }),
    };
  }),
);
