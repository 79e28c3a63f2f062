import type { Subscription } from '@medplum/fhirtypes';
import { type AddressFault, type Reach, readAddress } from '../outbound-address.ts';
import { problem } from '../problem.ts';
import { readBsn } from './identifiers.ts';
import { type Registration, registrationOf } from './subscription-resource.ts';

/**
 * Reads what a Subscription registers, of one that its profile accepts.
 * @param reach where notifications of the caller may go
 * @throws Problem malformed (`bsn-invalid`); invalid for an endpoint that cannot be used
 */
export function readRegistration(subscription: Subscription, reach: Reach): Registration {
  const registration = registrationOf(subscription);
  readBsn(registration.bsn, 'Subscription.criteria');
  requireEndpoint(registration, reach);
  return registration;
}

const FAULTS: Readonly<Record<AddressFault, readonly [code: string, text: string]>> = {
  'not-absolute': ['endpoint-invalid', 'The endpoint is not an absolute address.'],
  'not-https': ['endpoint-not-https', 'The endpoint must be an https address.'],
  'host-not-allowed': ['endpoint-host', 'The endpoint is at a host that this client is not registered with.'],
};

/** An address that may be called on behalf of the caller, and which does not name the patient. */
function requireEndpoint({ endpoint, bsn }: Registration, reach: Reach): void {
  if (endpoint.includes(bsn)) throw endpointProblem('bsn-in-url', 'A BSN never stands in an address.');
  const address = readAddress(endpoint, reach);
  if (typeof address === 'string') throw endpointProblem(...FAULTS[address]);
}

function endpointProblem(code: string, text: string) {
  return problem('invalid', code, text, 'Subscription.channel.endpoint');
}
