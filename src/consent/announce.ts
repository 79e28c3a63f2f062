import { type HolderProfile, isSameProfile } from '../fhir/holder-profile.ts';
import { endpointHost } from '../notifications/endpoint-host.ts';
import { findSubscribers } from '../notifications/subscribers.ts';
import { findTold, writeEvents } from '../storage/notification.ts';
import { holderProfiles } from './holder-profiles.ts';
import type { Passed } from './passed.ts';
import type { Unit } from './unit.ts';

/** Tells the holders of whatever was recorded. */
export function announceChange({ unit, citizens, now }: Passed): Promise<void> {
  return announce(
    unit,
    citizens.map(({ patientKey }) => patientKey),
    now,
  );
}

/**
 * Writes, for every subscription of these citizens, an event with what stands for its holder, where that differs from what
 * the subscription was told last; a subscription that was told nothing yet gets its first (rules 35 and 36). A fixed number of
 * statements for all of them together. Hold the citizens' turn.
 */
export async function announce(unit: Unit, patientKeys: readonly Buffer[], now: number): Promise<void> {
  const { sql, register } = unit;
  const subscribers = await findSubscribers(sql, register.holderVaults, patientKeys);
  if (subscribers.length === 0) return;
  const standing = await holderProfiles(sql, register, subscribers);
  const told = new Map((await findTold(sql, patientKeys)).map((row) => [row.subscriptionId, row]));
  const events = standing.flatMap(({ subscriber, profile }) => {
    const { patientKey, subscriptionId, subscription } = subscriber;
    const last = told.get(subscriptionId);
    if (last !== undefined && isSameProfile(last.profile as HolderProfile, profile)) return [];
    const host = endpointHost(register.holderVaults, subscription);
    return [{ patientKey, subscriptionId, number: (last?.lastEvent ?? 0) + 1, profile, host }];
  });
  await writeEvents(sql, events, now);
  if (events.length > 0) unit.afterCommit(register.nudge);
}
