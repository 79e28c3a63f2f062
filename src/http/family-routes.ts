import { permit } from '../auth/permissions.ts';
import { decideProposals, reviewProposals } from '../consent/decide-proposals.ts';
import { issuePairingCode } from '../consent/issue-pairing-code.ts';
import {
  readConfirm,
  readPairingCodeRequest,
  readReview,
  writeConfirm,
  writePairingCode,
  writeReview,
} from '../fhir/family-parameters.ts';
import { problem } from '../problem.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import type { GuardedRoute } from './route-table.ts';

/** A child's choices and a parent: the code, what it is for, and the decision. */
export function familyRoutes(): GuardedRoute[] {
  return [
    { method: 'POST', path: '/Consent/$pairing-code', target: 'Consent.pairing-code', records: true, handle: showCode },
    { method: 'POST', path: '/Consent/$review', target: 'Consent.review', handle: review },
    { method: 'POST', path: '/Consent/$confirm', target: 'Consent.confirm', records: true, handle: confirm },
  ];
}

function showCode({ desk, caller, requestId, request }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'Consent.pairing-code' }, async (unit) => {
    readPairingCodeRequest(request.json());
    return { status: 200, resource: writePairingCode(await issuePairingCode(unit)) };
  });
}

async function review(exchange: Exchange): Promise<FhirResponse> {
  requireOwnTransaction(exchange);
  const { register, desk, caller, requestId, request } = exchange;
  permit(caller, 'Consent.review');
  const code = readReview(request.json());
  const answers = await reviewProposals(register, desk, { caller, requestId }, code);
  return { status: 200, resource: writeReview(register.catalogue, answers) };
}

async function confirm(exchange: Exchange): Promise<FhirResponse> {
  requireOwnTransaction(exchange);
  const { register, desk, caller, requestId, request } = exchange;
  permit(caller, 'Consent.confirm');
  const confirmation = readConfirm(request.json());
  const answers = await decideProposals(register, desk, { caller, requestId }, confirmation);
  return { status: 200, resource: writeConfirm(register.catalogue, confirmation, answers) };
}

/** A wrong code must stay counted, and what a transaction does may be undone. */
function requireOwnTransaction({ isTransaction }: Exchange): void {
  if (!isTransaction) return;
  throw problem('invalid', 'code-in-transaction', 'A pairing code is not entered in a transaction.');
}
