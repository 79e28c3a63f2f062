import type { Subscription } from '@medplum/fhirtypes';
import { readRegistration } from '../fhir/read-registration.ts';
import { type Registration, secretIn, withSecret } from '../fhir/subscription-resource.ts';
import type { Sealed } from '../notifications/holder-vaults.ts';
import type { Reach } from '../outbound-address.ts';
import { problem } from '../problem.ts';
import { findClient } from '../storage/client.ts';
import { endEvents, findDeliveryStatus } from '../storage/notification.ts';
import { findOrganizations } from '../storage/organization.ts';
import { SUBSCRIPTION, type SubscriptionRow } from '../storage/subscription.ts';
import { draftSubscription } from './draft-subscription.ts';
import { openVault, ownVaultOf } from './own-vault.ts';
import type { Prepared, ResourceKind } from './resource-kind.ts';
import type { Unit } from './unit.ts';

/** What holders registered: each sees and changes only what lies in its own vault (rules of this room's README). */
export const SUBSCRIPTION_KIND: ResourceKind<SubscriptionRow> = {
  type: 'Subscription',
  table: SUBSCRIPTION,
  versionRequired: false,
  prepare: (unit, resource, before) => prepare(unit, resource as Subscription, before),
  maySee: (unit, row) => Promise.resolve(ownVaultOf(unit)?.equals(row.vault) === true),
  beforeDelete: (unit, { patientKey, id }) => endEvents(unit.sql, { patientKey, subscriptionId: id }),
  show,
  scope: (unit) => {
    const vault = ownVaultOf(unit);
    return Promise.resolve(vault === undefined ? { patientKeys: [] } : { vault });
  },
  patientKeyOf: (row) => row.patientKey,
};

async function show(unit: Unit, row: SubscriptionRow, content: object): Promise<Subscription> {
  const sealed = content as Sealed;
  const { keys, secret } = await openVault(unit, row.vault, sealed.key);
  const status = (await findDeliveryStatus(unit.sql, [row.id])).get(row.id)?.status ?? 'active';
  const subscription = JSON.parse(keys.open(row.vault, row.id, sealed)) as Subscription;
  return withSecret({ ...subscription, status }, secret);
}

async function prepare(
  unit: Unit,
  subscription: Subscription,
  before: SubscriptionRow | undefined,
): Promise<Prepared<SubscriptionRow>> {
  const { register } = unit;
  const registration = readRegistration(subscription, await reachOf(unit));
  const patientKey = register.vault.keyOf(registration.bsn);
  unit.note({ patientKey });
  requireOwn(unit, registration);
  requireServersWords(subscription, before === undefined ? undefined : await show(unit, before, before.content ?? {}));
  await requireRegistered(unit, registration);
  return draftSubscription(unit, subscription, before);
}

/** Where notifications of the caller may go; looked at again whenever one is sent. */
async function reachOf({ sql, caller, register }: Unit): Promise<Reach> {
  const client = caller.role === 'citizen' ? undefined : await findClient(sql, caller.clientId);
  return { hosts: client?.hosts ?? [], isSandbox: register.sandbox };
}

function requireOwn({ caller }: Unit, { ura }: Registration): void {
  if (caller.role === 'holder' && caller.ura === ura) return;
  const text = 'A holder registers patients for its own organisation only.';
  throw problem('forbidden', 'not-own-organization', text, 'Subscription.criteria');
}

/** What the register says of a subscription comes back at most as it was said. */
function requireServersWords(subscription: Subscription, said: Subscription | undefined): void {
  if (subscription.status !== 'requested' && subscription.status !== said?.status) {
    throw problem(
      'invalid',
      'status-not-requested',
      'A holder sends a subscription with status requested.',
      'Subscription.status',
    );
  }
  const secret = secretIn(subscription);
  if (secret === undefined || (said !== undefined && secret === secretIn(said))) return;
  throw problem(
    'invalid',
    'secret-not-given',
    'The notification secret is the register’s to say.',
    'Subscription.extension',
  );
}

/** A holder is registered, and registers patients as something it is registered as. */
async function requireRegistered({ sql, register }: Unit, { ura, holderType }: Registration): Promise<void> {
  const [organization] = await findOrganizations(sql, [ura]);
  if (organization === undefined) throw refused('holder-not-registered', 'The holder organisation is not registered.');
  if (!organization.types.includes(holderType)) {
    throw refused('type-contradicts-registry', 'providertype is not a type that this organisation is registered with.');
  }
  if (register.catalogue.organisationTypes.get(holderType)?.holderCategory === undefined) {
    throw refused('holder-not-in-care', 'An organisation of this type holds no patient records.');
  }
}

function refused(code: string, text: string) {
  return problem('invalid', code, text, 'Subscription.criteria');
}
