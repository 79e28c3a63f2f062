import type { Subscription } from '@medplum/fhirtypes';
import type { HolderVaults } from './holder-vaults.ts';

/**
 * The host that a subscription's notifications go to, as a keyed hash of 32 bytes: enough to spare a host that does not
 * answer, and nothing that the database could tell.
 */
export function endpointHost(vaults: HolderVaults, { channel }: Subscription): Buffer {
  const endpoint = channel.endpoint ?? '';
  return vaults.hash('endpoint host', URL.canParse(endpoint) ? new URL(endpoint).host : '');
}
