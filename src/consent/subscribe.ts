import type { Subscription } from '@medplum/fhirtypes';
import { recordPrepared } from './change-resource.ts';
import { draftSubscription } from './draft-subscription.ts';
import type { Stored } from './stored.ts';
import { SUBSCRIPTION_KIND } from './subscription-kind.ts';
import type { Unit } from './unit.ts';

/**
 * Registers a citizen as a patient of the caller's organisation, sealed in the holder's vault. The same registration twice
 * is one.
 * @param subscription valid by its profile and by the rules of this room
 */
export async function subscribe(unit: Unit, subscription: Subscription): Promise<Stored> {
  return recordPrepared(unit, SUBSCRIPTION_KIND, await draftSubscription(unit, subscription, undefined));
}
