import { type Cursor, decodeCursor, encodeCursor, invalidCursor } from '../fhir/cursor.ts';
import type { Filter as FhirFilter } from '../fhir/search-filter.ts';
import type { SearchRequest } from '../fhir/search-request.ts';
import { problem } from '../problem.ts';
import type { Filter } from '../storage/search-filter.ts';
import type { BsnVault } from './bsn-vault.ts';
import type { Unit } from './unit.ts';

/** A search with the pseudonyms of citizens in the place of their BSNs. */
export interface BoundSearch extends Omit<SearchRequest, 'filters' | 'secret' | 'cursor'> {
  readonly filters: readonly Filter[];
  /** Those of them that no link shows: for the next page they travel sealed, inside its cursor. */
  readonly secret: readonly Filter[];
  readonly cursor?: Cursor;
}

/** The longest text of secret filters that still makes an address everyone takes. */
const LONGEST_SECRET = 6000;

/**
 * Makes a search ready to be put to the register: BSNs become pseudonyms before they go anywhere, and what the link to this
 * page holds sealed counts again.
 * @throws Problem malformed for a page link that was not made here, and for a search too long for a link
 */
export function bindSearch({ register }: Unit, type: string, request: SearchRequest): BoundSearch {
  const { cursor, ...rest } = request;
  const [page, sealed, ...more] = cursor?.split('.') ?? [];
  if (more.length > 0) throw invalidCursor();
  const carried = sealed === undefined ? [] : readFilters(register.vault, type, sealed);
  const bound = (filter: FhirFilter): Filter => withPseudonyms(register.vault, filter);
  const secret = [...request.secret.map(bound), ...carried];
  if (writeFilters(secret).length > LONGEST_SECRET) {
    throw problem('malformed', 'search-too-long', 'The search is too long for the links between its pages.');
  }
  const filters = [...request.filters.map(bound), ...carried];
  const position = page === undefined ? {} : { cursor: decodeCursor(page) };
  return { ...rest, ...position, filters, secret, unfiltered: filters.length === 0 };
}

/** The cursor for the link to the next page. */
export function nextCursor({ register }: Unit, type: string, { secret }: BoundSearch, next: Cursor): string {
  const page = encodeCursor(next);
  return secret.length === 0 ? page : `${page}.${register.vault.sealText(type, writeFilters(secret))}`;
}

function withPseudonyms(vault: BsnVault, filter: FhirFilter): Filter {
  if (filter.kind !== 'bsn') return filter;
  return { kind: 'patientKey', values: filter.values.map((bsn) => vault.keyOf(bsn)) };
}

function writeFilters(filters: readonly Filter[]): string {
  return JSON.stringify(
    filters.map((filter) =>
      filter.kind === 'patientKey'
        ? { kind: filter.kind, values: filter.values.map((key) => key.toString('base64url')) }
        : filter,
    ),
  );
}

/** Nobody else can seal, so what opens has the form that `writeFilters` gave it. */
function readFilters(vault: BsnVault, type: string, sealed: string): Filter[] {
  const filters = JSON.parse(openText(vault, type, sealed)) as (Exclude<FhirFilter, { kind: 'bsn' }> | WrittenKeys)[];
  return filters.map((filter) =>
    filter.kind === 'patientKey'
      ? { kind: filter.kind, values: filter.values.map((key) => Buffer.from(key, 'base64url')) }
      : filter,
  );
}

interface WrittenKeys {
  readonly kind: 'patientKey';
  readonly values: readonly string[];
}

function openText(vault: BsnVault, type: string, sealed: string): string {
  try {
    return vault.openText(type, sealed);
  } catch (cause) {
    throw invalidCursor(cause);
  }
}
