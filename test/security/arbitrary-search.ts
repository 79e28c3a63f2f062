import fc from 'fast-check';
import type { Conformance } from '../../src/fhir/conformance.ts';
import { INCLUDES, REVINCLUDES } from '../../src/fhir/search-page.ts';
import { BY_BSN } from '../../src/fhir/search-request.ts';
import { BSN_SYSTEM, DATA_SYSTEM, TYPE_SYSTEM, URA_SYSTEM } from '../http/resources.ts';
import type { SentSearch } from './two-worlds.ts';

/** What searches are made of: numbers and ids that mean something, on both sides of what the caller may see. */
export interface Known {
  readonly ids: readonly string[];
  readonly bsns: readonly string[];
  readonly uras: readonly string[];
}

type Pair = readonly [string, string];
type Rules = NonNullable<ReturnType<Conformance['searchRules']['get']>>;

const DATES = ['2026', '2025', '1980', '1980-02', '1980-02-29', '2026-01-01', '2099', '2000-01-01T00:00:00Z'];
const PREFIXES = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'];
const TEXTS = ['Visser', 'vis', 'An', 'De', 'Praktijk', 'isse', 'Linde', 'Visser,De'];
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  status: ['active', 'inactive', 'proposed', 'error', 'active,inactive'],
  active: ['true', 'false'],
  origin: ['portal', 'together', 'button', 'emergency'],
  category: ['GGC002', 'GGC013', `${DATA_SYSTEM}|GGC002`],
  outcome: ['0', '4', '0,4'],
  action: ['R', 'C', 'E', 'R,C'],
  subtype: ['read', 'search-type', 'create', 'choose', 'check'],
  type: ['rest', 'Z3', 'L1', `${TYPE_SYSTEM}|L1`, `${TYPE_SYSTEM}|`],
};
/** What is refused, or ought to find nothing. */
const ODD: readonly Pair[] = [
  ['nothing', 'x'],
  ['patient.name', 'Visser'],
  ['patient:Patient.identifier', '900186021'],
  ['_has:Consent:patient:status', 'active'],
  ['_has:Provenance:target:recorded', '2026'],
  ['_id', 'a\u0000b'],
  ['_id', ''],
  ['_id:missing', 'true'],
  ['status:contains', 'a'],
  ['status', '|'],
  ['_lastUpdated', 'ap2026'],
  ['date', '2026-02-30'],
  ['__proto__', '1'],
  ['_count', '-1'],
  ['_count', '1001'],
  ['_sort', '$$$'],
  ['_total', 'all'],
  ['_summary', 'x'],
  ['_elements', '__proto__'],
  ['_include', '*'],
  ['_include:iterate', 'Consent:patient'],
  ['_revinclude', '*'],
  ['_revinclude', 'AuditEvent:patient'],
  ['_format', 'xml'],
  ['_cursor', 'WzFd'],
  ['_cursor', 'x.y'],
];

const among = (values: readonly string[]) => fc.constantFrom(...values);

/** Searches of these types by every parameter there is; most of them make sense. */
export function arbitrarySearch(
  { searchRules }: Conformance,
  types: readonly string[],
  known: Known,
): fc.Arbitrary<SentSearch> {
  return among(types).chain((type) => {
    const rules: Rules = searchRules.get(type) ?? new Map<string, never>();
    const odd = fc.oneof(
      { weight: 15, arbitrary: fc.constant([]) },
      fc.constantFrom(...ODD).map((pair) => [pair]),
    );
    return fc
      .tuple(conditions(type, rules, known), page(type, rules), odd, fc.boolean())
      .map(([found, shown, strange, prefersForm]) => ({
        type,
        isForm: prefersForm || found.some(([name]) => isForBody(type, name)),
        query: encode([...found, ...shown, ...strange]),
      }));
  });
}

/** BSNs, and names of citizens, are taken in the body only. */
function isForBody(type: string, name: string): boolean {
  const [code = ''] = name.split(':');
  return BY_BSN.has(`${type} ${code}`) || (type === 'Patient' && ['name', 'family'].includes(code));
}

/** At most three parameters, each once. */
function conditions(type: string, rules: Rules, known: Known): fc.Arbitrary<Pair[]> {
  const byBsn = BY_BSN.has(`${type} patient.identifier`) ? ['patient.identifier'] : [];
  return fc
    .subarray([...rules.keys(), ...byBsn], { minLength: 1, maxLength: 3 })
    .chain((codes) => fc.tuple(...codes.map((code) => condition(type, rules, code, known))));
}

function condition(type: string, rules: Rules, code: string, { ids, bsns, uras }: Known): fc.Arbitrary<Pair> {
  const named = (name: string, values: readonly string[]) => among(values).map((value): Pair => [name, value]);
  if (code === '_id') return fc.oneof(named(code, ids), named(code, [ids.join(',')]));
  if (code === 'patient.identifier' || `${type} ${code}` === 'Patient identifier') {
    return named(code, [...bsns, ...bsns.map((bsn) => `${BSN_SYSTEM}|${bsn}`), bsns.join(',')]);
  }
  if (code === 'identifier') return named(code, [...uras, ...uras.map((ura) => `${URA_SYSTEM}|${ura}`)]);
  const { type: kind, target = [] } = rules.get(code)?.definition ?? {};
  if (kind === 'date')
    return named(
      code,
      DATES.flatMap((date) => PREFIXES.map((prefix) => prefix + date)),
    );
  if (kind === 'reference') return named(code, [...ids, ...ids.map((id) => `${target[0] ?? ''}/${id}`)]);
  const modifiers = kind === 'string' ? ['', ':exact', ':contains'] : ['', '', ':not'];
  return among(modifiers).chain((modifier) => named(code + modifier, kind === 'string' ? TEXTS : (TOKENS[code] ?? [])));
}

function page(type: string, rules: Rules): fc.Arbitrary<Pair[]> {
  const optional = (name: string, values: readonly string[]): fc.Arbitrary<Pair[]> =>
    values.length === 0
      ? fc.constant([])
      : fc.option(among(values)).map((value) => (value === null ? [] : [[name, value]]));
  const dates = [...rules].filter(([, { definition }]) => definition.type === 'date').map(([code]) => code);
  const isTimeline = type === 'AuditEvent' || type === 'Provenance';
  const sorts = dates.flatMap((code) => [code, `-${code}`, ...(isTimeline ? [] : [`${code},-_id`, '_id'])]);
  const inclusions = (of: typeof INCLUDES) => (of.get(type) ?? []).map(({ source, param }) => `${source}:${param}`);
  return fc
    .tuple(
      // Small pages: what is secret shows in totals, order and links as well as in many matches.
      among(['1', '1', '1', '2', '2', '3', '4', '0', '20']).map((count): Pair[] => [['_count', count]]),
      optional('_sort', sorts),
      optional('_total', ['accurate', 'accurate', 'estimate', 'none']),
      fc.oneof(
        optional('_summary', ['true', 'count', 'data', 'text', 'false']),
        optional('_elements', ['id', 'status,patient', 'name', 'recorded']),
      ),
      optional('_include', inclusions(INCLUDES)),
      optional('_revinclude', inclusions(REVINCLUDES)),
    )
    .map((pairs) => pairs.flat());
}

function encode(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
