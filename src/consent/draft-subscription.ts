import { isDeepStrictEqual } from 'node:util';
import type { Subscription } from '@medplum/fhirtypes';
import { searchValues } from '../fhir/search-values.ts';
import {
  birthDateExpression,
  type Registration,
  registrationOf,
  SUBSCRIPTION_PROFILE,
  withoutSecret,
} from '../fhir/subscription-resource.ts';
import { resumeDelivery } from '../notifications/resume-delivery.ts';
import { readSubscriber } from '../notifications/subscribers.ts';
import { problem } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { findRegistration, insertSubscription, SUBSCRIPTION, type SubscriptionRow } from '../storage/subscription.ts';
import { type NewVersion, updateResource } from '../storage/versioned.ts';
import { requireBorn } from './age.ts';
import { announce } from './announce.ts';
import { openCitizen } from './citizen.ts';
import type { Prepared } from './resource-kind.ts';
import { withoutMeta } from './stored.ts';
import { takeBirthDate } from './take-birth-date.ts';
import type { Unit } from './unit.ts';

/**
 * What is stored of a subscription, sealed in the holder's vault. A new one that registers what is registered already stands
 * in that one's place. The birth date it brings counts from its writing on, as far as it does.
 * @param subscription valid by its profile and by the rules of this room
 * @throws Problem invalid for another patient or holder than before, and for a birth date in the future
 */
export async function draftSubscription(
  unit: Unit,
  subscription: Subscription,
  before: SubscriptionRow | undefined,
): Promise<Prepared<SubscriptionRow>> {
  const { vault: bsns, holderVaults, conformance } = unit.register;
  const registered = registrationOf(subscription);
  const [patientKey, vault] = [bsns.keyOf(registered.bsn), holderVaults.vaultOf(registered.ura)];
  if (before !== undefined) requireSameParties(before, patientKey, vault);
  const citizen = await openCitizen(unit, patientKey, registered.bsn);
  const content = { ...withoutMeta(withoutSecret(subscription), SUBSCRIPTION_PROFILE), status: 'active' as const };
  const registration = holderVaults.hash('registration', sameness(registered));
  const standing = before === undefined ? await findStanding(unit, patientKey, registration, content) : undefined;
  if (standing?.differs === false) await deliverAgain(unit, { patientKey, id: standing.row.id, subscription: content });
  const { birthDate } = registered;
  if (birthDate !== undefined) requireBorn(birthDate, citizen.now, birthDateExpression(subscription));
  const take = async (): Promise<void> => {
    if (birthDate !== undefined) await takeBirthDate(unit, citizen, birthDate);
  };
  const keys = await holderVaults.openOrMake(unit.sql, vault, citizen.now);
  const sealed = <Version extends NewVersion>(version: Version): Version => ({
    ...version,
    content: keys.seal(vault, version.id, JSON.stringify(version.content)),
  });
  return {
    content,
    search: searchValues(conformance, content),
    patientKey,
    ...(standing === undefined ? {} : { standing }),
    insert: async (sql, version) => {
      const row = await insertSubscription(sql, { ...sealed(version), patientKey, vault, registration });
      await take();
      await announce(unit, [patientKey], citizen.now);
      return row;
    },
    update: async (sql, version) => {
      const row = await updateResource(sql, SUBSCRIPTION, sealed(version), [registration]);
      if (row === undefined) return undefined;
      await take();
      await deliverAgain(unit, { patientKey, id: row.id, subscription: content });
      return row;
    },
  };
}

/** A holder that sends its subscription again gets what it was not yet told, also where delivery had been given up. */
async function deliverAgain(
  unit: Unit,
  { patientKey, id, subscription }: { patientKey: Buffer; id: string; subscription: Subscription },
): Promise<void> {
  const { sql, register } = unit;
  await announce(unit, [patientKey], await readClock(sql));
  await resumeDelivery(sql, register.holderVaults, { patientKey, subscriptionId: id, subscription });
  unit.afterCommit(register.nudge);
}

function requireSameParties(before: SubscriptionRow, patientKey: Buffer, vault: Buffer): void {
  if (before.patientKey.equals(patientKey) && before.vault.equals(vault)) return;
  const text = 'A subscription stays with its patient and its holder: record another.';
  throw problem('invalid', 'registration-changed', text, 'Subscription.criteria');
}

/** The subscription that registers the same, and whether it says anything else. */
async function findStanding(
  { sql, register }: Unit,
  patientKey: Buffer,
  registration: Buffer,
  content: Subscription,
): Promise<Prepared<SubscriptionRow>['standing']> {
  const row = await findRegistration(sql, patientKey, registration);
  if (row === undefined) return undefined;
  const { subscription } = readSubscriber(await register.holderVaults.keysOf(sql, [row.vault]), row);
  return { row, differs: !isDeepStrictEqual(subscription, content) };
}

/** What two registrations of one citizen must share to be the same one. */
function sameness({ ura, holderType, gatewaySystem = '', sourceSystem = '' }: Registration): string {
  return [ura, holderType, gatewaySystem, sourceSystem].join(' ');
}
