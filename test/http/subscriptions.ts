import type { Subscription } from '@medplum/fhirtypes';
import { parseScopes } from '../../src/auth/scopes.ts';
import { openDesk } from '../../src/consent/perform.ts';
import { subscribe as record } from '../../src/consent/subscribe.ts';
import { subscriptionOf } from '../../src/fhir/subscription-resource.ts';
import { findSubscriptions, SUBSCRIPTION } from '../../src/storage/subscription.ts';
import { deleteResource } from '../../src/storage/versioned.ts';
import type { TestServer } from '../setup/test-server.ts';
import { idsOf } from './answers.ts';
import { GP, HOSPITAL, LABORATORY, PHARMACY, POST } from './people.ts';
import { BSN_SYSTEM } from './resources.ts';

interface Holder {
  readonly client: string;
  readonly type: string;
}

const HOLDERS: Readonly<Record<string, Holder>> = {
  [GP]: { client: 'gp', type: 'Z3' },
  [POST]: { client: 'post', type: 'N6' },
  [HOSPITAL]: { client: 'hospital', type: 'V4' },
  [PHARMACY]: { client: 'pharmacy', type: 'J8' },
  [LABORATORY]: { client: 'laboratory', type: 'L1' },
};

/**
 * Registers the citizen as a patient of this organisation; one that has no client is written past the door.
 * @returns the id of the Subscription
 */
export async function subscribe(
  server: TestServer,
  bsn: string,
  ura: string,
  more: { readonly birthDate?: string } = {},
): Promise<string> {
  const endpoint = `${server.baseUrl}/sandbox/notifications/${ura}`;
  const holder = HOLDERS[ura];
  const body = subscriptionOf({ bsn, ura, holderType: holder?.type ?? 'Z3', endpoint, ...more });
  if (holder === undefined) return recordDirectly(server, ura, body);
  const answer = await server.fhir<Subscription>('/Subscription', { as: holder.client, body });
  if (![200, 201].includes(answer.status)) throw new Error(JSON.stringify(answer.body));
  return answer.body.id ?? '';
}

/** Ends what `subscribe` began. */
export async function unsubscribe(server: TestServer, bsn: string, ura: string): Promise<void> {
  const as = HOLDERS[ura]?.client;
  if (as === undefined) return endDirectly(server, bsn, ura);
  const found = await server.fhir('/Subscription/_search', {
    as,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ 'patient.identifier': `${BSN_SYSTEM}|${bsn}` }).toString(),
  });
  for (const id of idsOf(found)) {
    const { status } = await server.fhir(`/Subscription/${id}`, { as, method: 'DELETE' });
    if (status !== 204) throw new Error(`the subscription was not ended: ${status}`);
  }
}

async function recordDirectly(server: TestServer, ura: string, subscription: Subscription): Promise<string> {
  const caller = { role: 'holder', clientId: 'test', ura, scopes: parseScopes(['system/Subscription.cruds']) } as const;
  const access = { caller, target: 'Subscription.create', requestId: 'test' } as const;
  const { id } = await openDesk(server.server.register).run(access, (unit) => record(unit, subscription));
  return id;
}

async function endDirectly(server: TestServer, bsn: string, ura: string): Promise<void> {
  const { database, vault, holderVaults } = server.server.register;
  const own = holderVaults.vaultOf(ura);
  for (const { id, vault: theirs } of await findSubscriptions(database, [vault.keyOf(bsn)])) {
    if (theirs.equals(own)) await deleteResource(database, SUBSCRIPTION, { id, recordedAt: Date.now() });
  }
}
