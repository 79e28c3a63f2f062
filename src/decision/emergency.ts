import { covers, type Cell } from './cell.ts';
import type { EmergencyGrant } from './consent-profile.ts';
import type { Instant } from './question.ts';

/** The longest an emergency grant can be in force, in milliseconds: 259,200 seconds (rule 4). */
export const LONGEST_GRANT = 259_200_000;

/** The grants that would permit the cell while they are in force (rule 4), whatever the moment. */
export function grantsFor(
  cell: Cell,
  grants: readonly EmergencyGrant[],
  refusedByCitizen: boolean,
): readonly EmergencyGrant[] {
  return grants.filter(
    (grant) =>
      grant.requesterUra === cell.requesterUra &&
      (grant.holders === 'all' || grant.holders.includes(cell.holderUra)) &&
      covers(cell, grant.dataCategory) &&
      (grant.agreed || !refusedByCitizen),
  );
}

/** Whether the grant is in force at `at`: from its start up to but not including its end. */
export function isInForce(grant: EmergencyGrant, at: Instant): boolean {
  return grant.start <= at && at < endOf(grant);
}

/** The first instant after `at` at which there begins or ceases to be a grant in force (rule 12). */
export function nextChange(grants: readonly EmergencyGrant[], at: Instant): Instant | undefined {
  const anyInForce = (instant: Instant): boolean => grants.some((grant) => isInForce(grant, instant));
  return grants
    .flatMap((grant) => [grant.start, endOf(grant)])
    .filter((instant) => instant > at)
    .sort((a, b) => a - b)
    .find((instant) => anyInForce(instant) !== anyInForce(at));
}

function endOf(grant: EmergencyGrant): Instant {
  return Math.min(grant.end, grant.start + LONGEST_GRANT);
}
