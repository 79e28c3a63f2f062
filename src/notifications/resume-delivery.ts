import { readClock } from '../storage/clock.ts';
import type { Sql } from '../storage/database.ts';
import { resumeEvents } from '../storage/notification.ts';
import { endpointHost } from './endpoint-host.ts';
import type { HolderVaults } from './holder-vaults.ts';
import type { Subscriber } from './subscribers.ts';

/**
 * Lets the delivery of a subscription that its holder sent again go on with the first event that was not delivered, at the
 * endpoint it names now, also when delivery had been given up. Nothing that was announced is left out.
 */
export async function resumeDelivery(
  sql: Sql,
  vaults: HolderVaults,
  { patientKey, subscriptionId, subscription }: Pick<Subscriber, 'patientKey' | 'subscriptionId' | 'subscription'>,
): Promise<void> {
  const host = endpointHost(vaults, subscription);
  await resumeEvents(sql, { patientKey, subscriptionId }, { host, now: await readClock(sql) });
}
