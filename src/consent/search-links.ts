import type { SearchPair, SearchRequest } from '../fhir/search-request.ts';
import { findPatients } from '../storage/patient.ts';
import type { Unit } from './perform.ts';

/**
 * The parameters for the links of a search. A BSN stands in no link, so a citizen who was named by BSN is named there by
 * Patient; without that the next page would be everyone's.
 */
export async function linkPairs(unit: Unit, type: string, request: SearchRequest): Promise<readonly SearchPair[]> {
  const pairs = [...request.self];
  for (const filter of request.filters) {
    if (filter.kind !== 'bsn') continue;
    const keys = filter.values.map((bsn) => unit.register.vault.keyOf(bsn));
    const ids = (await findPatients(unit.sql, keys)).map(({ id }) => id);
    pairs.push(type === 'Patient' ? ['_id', ids.join(',')] : ['patient', ids.map((id) => `Patient/${id}`).join(',')]);
  }
  return pairs;
}
