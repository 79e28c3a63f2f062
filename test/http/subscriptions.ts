import { openDesk } from '../../src/consent/perform.ts';
import { subscribe as record } from '../../src/consent/subscribe.ts';
import { subscriptionOf } from '../../src/fhir/subscription-resource.ts';
import { findSubscriptions, SUBSCRIPTION } from '../../src/storage/subscription.ts';
import { deleteResource } from '../../src/storage/versioned.ts';
import type { TestServer } from '../setup/test-server.ts';
import { GP, HOSPITAL, LABORATORY, PHARMACY, POST } from './people.ts';

const TYPES: Readonly<Record<string, string>> = {
  [GP]: 'Z3',
  [POST]: 'N6',
  [HOSPITAL]: 'V4',
  [PHARMACY]: 'J8',
  [LABORATORY]: 'L1',
};

/** Registers the citizen as a patient of this organisation. */
export async function subscribe(server: TestServer, bsn: string, ura: string): Promise<void> {
  const caller = { role: 'holder', clientId: 'test', ura, scopes: new Set(['system/Subscription.cruds']) } as const;
  const endpoint = `${server.baseUrl}/sandbox/notifications/${ura}`;
  const subscription = subscriptionOf({ bsn, ura, holderType: TYPES[ura] ?? 'Z3', endpoint });
  const access = { caller, target: 'Subscription.create', requestId: 'test' } as const;
  await openDesk(server.server.register).run(access, (unit) => record(unit, subscription));
}

/** Ends what `subscribe` began. */
export async function unsubscribe(server: TestServer, bsn: string, ura: string): Promise<void> {
  const { database, vault, holderVaults } = server.server.register;
  const own = holderVaults.vaultOf(ura);
  for (const { id, vault: theirs } of await findSubscriptions(database, [vault.keyOf(bsn)])) {
    if (theirs.equals(own)) await deleteResource(database, SUBSCRIPTION, { id, recordedAt: Date.now() });
  }
}
