import { registrationOf } from '../fhir/subscription-resource.ts';
import type { Sql } from '../storage/database.ts';
import { findPastSubscriptions } from '../storage/subscription.ts';
import type { HolderVaults } from './holder-vaults.ts';
import { readSubscriber } from './subscribers.ts';

/** What one subscription says of a citizen's birth. */
export interface PassedBirthDate {
  readonly patientKey: Buffer;
  /** FHIR date, complete or not. */
  readonly birthDate: string;
}

/**
 * The birth dates that holders passed for these citizens: of each subscription, standing or ended, the one in its newest
 * version that has one. For the server itself: no caller sees this.
 */
export async function findPassedBirthDates(
  sql: Sql,
  vaults: HolderVaults,
  patientKeys: readonly Buffer[],
): Promise<PassedBirthDate[]> {
  const versions = patientKeys.length === 0 ? [] : await findPastSubscriptions(sql, patientKeys);
  if (versions.length === 0) return [];
  const own = new Map(versions.map(({ vault }) => [vault.toString('hex'), vault]));
  const keys = await vaults.keysOf(sql, [...own.values()]);
  const found = new Map<string, PassedBirthDate>();
  for (const version of versions) {
    if (found.has(version.id)) continue;
    const { birthDate } = registrationOf(readSubscriber(keys, version).subscription);
    if (birthDate !== undefined) found.set(version.id, { patientKey: version.patientKey, birthDate });
  }
  return [...found.values()];
}
