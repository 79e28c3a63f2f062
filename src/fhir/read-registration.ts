import type { Subscription } from '@medplum/fhirtypes';
import { problem } from '../problem.ts';
import { readBsn } from './identifiers.ts';
import { type Registration, registrationOf } from './subscription-resource.ts';

/**
 * Reads what a Subscription registers, of one that its profile accepts.
 * @param admitsHttp whether notifications may also go to an address without TLS
 * @throws Problem malformed (`bsn-invalid`); invalid for an endpoint that cannot be used
 */
export function readRegistration(subscription: Subscription, admitsHttp: boolean): Registration {
  const registration = registrationOf(subscription);
  readBsn(registration.bsn, 'Subscription.criteria');
  requireEndpoint(registration, admitsHttp);
  return registration;
}

/** An absolute address whose every part is as it is written, and which does not name the patient. */
function requireEndpoint({ endpoint, bsn }: Registration, admitsHttp: boolean): void {
  const url = URL.canParse(endpoint) && !/[\\^`{|}<>"]/.test(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') {
    throw endpointProblem('endpoint-invalid', 'The endpoint is not an absolute address.');
  }
  if (url.protocol !== 'https:' && !(admitsHttp && url.protocol === 'http:')) {
    throw endpointProblem('endpoint-not-https', 'The endpoint must be an https address.');
  }
  if (endpoint.includes(bsn)) throw endpointProblem('bsn-in-url', 'A BSN never stands in an address.');
}

function endpointProblem(code: string, text: string) {
  return problem('invalid', code, text, 'Subscription.channel.endpoint');
}
