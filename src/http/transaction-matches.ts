import { CONSENT_KIND } from '../consent/consent-kind.ts';
import { ORGANIZATION_KIND } from '../consent/organization-kind.ts';
import { PATIENT_KIND } from '../consent/patient-kind.ts';
import type { Desk } from '../consent/perform.ts';
import type { ResourceKind, StoredRow } from '../consent/resource-kind.ts';
import { SUBSCRIPTION_KIND } from '../consent/subscription-kind.ts';
import type { EntryRequest } from '../fhir/bundle.ts';
import { conditionalReferencesIn } from '../fhir/references.ts';
import type { SearchPair } from '../fhir/search-request.ts';
import { problem } from '../problem.ts';
import type { Exchange } from './fhir-exchange.ts';
import { pairsOf } from './request-parts.ts';
import { conditionPairs, soleMatch } from './search-query.ts';

/** What the conditional entries of a transaction are about, as `Type/id` by index, before anything is written. */
export async function matchEntries(
  exchange: Exchange,
  desk: Desk,
  entries: readonly EntryRequest[],
): Promise<Map<number, string>> {
  const matches = new Map<number, string>();
  for (const entry of entries) {
    const condition = conditionOf(entry);
    const match =
      condition === undefined ? undefined : await matchOf(exchange, desk, entry.segments[0] ?? '', condition);
    if (match !== undefined) matches.set(entry.index, match);
  }
  return matches;
}

function conditionOf({ method, segments, query, headers }: EntryRequest): readonly SearchPair[] | undefined {
  if (segments.length !== 1) return undefined;
  const [type = ''] = segments;
  if (method === 'POST')
    return headers.ifNoneExist === undefined ? undefined : conditionPairs(type, headers.ifNoneExist);
  return method === 'PUT' || method === 'PATCH' || method === 'DELETE' ? query : undefined;
}

/**
 * What the conditional references in the entries stand for.
 * @throws Problem version-stale (412) when one matches nothing or several
 */
export async function matchReferences(
  exchange: Exchange,
  desk: Desk,
  entries: readonly EntryRequest[],
): Promise<Map<string, string>> {
  const references = new Map<string, string>();
  for (const condition of new Set(entries.flatMap(({ body }) => conditionalReferencesIn(body)))) {
    const [type = '', query = ''] = condition.split('?', 2);
    const match = await matchOf(exchange, desk, type, pairsOf(`?${query}`));
    if (match === undefined) {
      throw problem(
        'version-stale',
        'reference-unresolved',
        'A conditional reference matches nothing.',
        'Bundle.entry',
      );
    }
    references.set(condition, match);
  }
  return references;
}

async function matchOf(
  exchange: Exchange,
  desk: Desk,
  type: string,
  query: readonly SearchPair[],
): Promise<string | undefined> {
  if (type === 'Patient') return search(exchange, desk, PATIENT_KIND, query);
  if (type === 'Organization') return search(exchange, desk, ORGANIZATION_KIND, query);
  if (type === 'Consent') return search(exchange, desk, CONSENT_KIND, query);
  if (type === 'Subscription') return search(exchange, desk, SUBSCRIPTION_KIND, query);
  throw problem(
    'malformed',
    'condition-unknown-type',
    'A condition names a type that is not stored here.',
    'Bundle.entry',
  );
}

async function search<Row extends StoredRow>(
  { caller, requestId }: Exchange,
  desk: Desk,
  kind: ResourceKind<Row>,
  query: readonly SearchPair[],
): Promise<string | undefined> {
  const target = `${kind.type}.search` as const;
  const match = await desk.run({ caller, requestId, target }, (unit) => soleMatch(unit, kind, query));
  return match === undefined ? undefined : `${kind.type}/${match.id}`;
}
