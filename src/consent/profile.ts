import type { Consent } from '@medplum/fhirtypes';
import { placeText, readPlace, type StoredRule } from '../decision/stored-rule.ts';
import { originOf } from '../fhir/consent-resource.ts';
import type { ProfileCell } from '../fhir/profile-parameters.ts';
import { problem } from '../problem.ts';
import { type ConsentRow, findConsents } from '../storage/consent.ts';
import { isSelf } from './patient-kind.ts';
import type { Unit } from './unit.ts';

/**
 * The consent profile of a citizen as a table: every answer that is recorded and stands, or waits for a parent.
 * @throws Problem forbidden for another's profile
 */
export async function consentProfile(unit: Unit, bsn: string): Promise<ProfileCell[]> {
  const patientKey = unit.register.vault.keyOf(bsn);
  if (!isSelf(unit, patientKey)) throw problem('forbidden', 'not-own-record', 'A citizen sees only their own choices.');
  const rows = await findConsents(unit.sql, [patientKey]);
  unit.note({ patientKey, detail: { entities: rows.map(({ id, version }) => `Consent/${id}/_history/${version}`) } });
  return latestPerPlace(rows.flatMap(cellsOf));
}

/** Oldest first in, so that in one place the latest stays: of what is confirmed, of what waits, and of what was migrated. */
function latestPerPlace(cells: readonly ProfileCell[]): ProfileCell[] {
  const keyOf = ({ holderPlace, requesterPlace, status, origin }: ProfileCell): string =>
    [placeText(holderPlace), placeText(requesterPlace), status, origin === 'migration'].join(' ');
  return [...new Map(cells.map((cell) => [keyOf(cell), cell])).values()];
}

function cellsOf(row: ConsentRow): ProfileCell[] {
  const rule = row.rule as StoredRule | null;
  if (rule === null || rule.grant !== undefined || typeof rule.holder !== 'string') return [];
  const holderPlace = readPlace(rule.holder);
  const consent = row.content as Consent;
  const recordedBy = consent.organization?.[0]?.reference ?? consent.performer?.[0]?.reference;
  return rule.answers.flatMap(([requester, decision]) => {
    const requesterPlace = readPlace(requester);
    if (holderPlace === undefined || requesterPlace === undefined) return [];
    return [
      {
        holderPlace,
        requesterPlace,
        decision,
        status: consent.status,
        origin: originOf(consent),
        recordedAt: row.recordedAt,
        ...(recordedBy === undefined ? {} : { recordedBy }),
        consent: `Consent/${row.id}/_history/${row.version}`,
      },
    ];
  });
}
