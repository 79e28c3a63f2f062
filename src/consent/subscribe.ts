import type { Subscription } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { type Registration, registrationOf } from '../fhir/subscription-resource.ts';
import { findRegistration, insertSubscription, type SubscriptionRow } from '../storage/subscription.ts';
import { openCitizen } from './citizen.ts';
import type { Unit } from './unit.ts';

/**
 * Registers a citizen as a patient of the caller's organisation, sealed in the holder's vault. The same registration twice
 * is one.
 * @param subscription valid by its profile and by the rules of this room
 */
export async function subscribe(unit: Unit, subscription: Subscription): Promise<SubscriptionRow> {
  const { vault: bsns, holderVaults } = unit.register;
  const registration = registrationOf(subscription);
  const patientKey = bsns.keyOf(registration.bsn);
  const { now } = await openCitizen(unit, patientKey, registration.bsn);
  const same = holderVaults.hash('registration', sameness(registration));
  const there = await findRegistration(unit.sql, patientKey, same);
  if (there !== undefined) return there;
  const vault = holderVaults.vaultOf(registration.ura);
  const keys = await holderVaults.openOrMake(unit.sql, vault, now);
  const id = randomUUID();
  const content = keys.seal(vault, id, JSON.stringify({ ...subscription, status: 'active' }));
  const version = { id, recordedAt: now, content, search: {} };
  const row = await insertSubscription(unit.sql, { ...version, patientKey, vault, registration: same });
  unit.note({ patientKey, detail: { entities: [`Subscription/${id}/_history/1`] } });
  return row;
}

/** What two registrations of one citizen must share to be the same one. */
function sameness({ ura, holderType, gatewaySystem = '', sourceSystem = '' }: Registration): string {
  return [ura, holderType, gatewaySystem, sourceSystem].join(' ');
}
