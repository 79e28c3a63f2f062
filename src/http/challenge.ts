import { PROOF_ALGORITHMS } from '../auth/dpop-proof.ts';
import type { Problem } from '../problem.ts';

const REALM = 'realm="akkoord"';

/**
 * What `WWW-Authenticate` says to a caller that is refused for its token: https://www.rfc-editor.org/rfc/rfc6750#section-3 and
 * https://www.rfc-editor.org/rfc/rfc9449#section-7.1. Who brought none is told only how to bring one.
 */
export function challenge({ kind, issues }: Problem): string | undefined {
  const [{ code }] = issues;
  if (code === 'insufficient-scope') return `Bearer ${REALM}, error="insufficient_scope"`;
  if (kind !== 'unauthenticated') return undefined;
  if (code === 'token-missing') return `Bearer ${REALM}, DPoP ${REALM}, algs="${PROOF_ALGORITHMS.join(' ')}"`;
  if (code === 'invalid-proof')
    return `DPoP ${REALM}, error="invalid_dpop_proof", algs="${PROOF_ALGORITHMS.join(' ')}"`;
  return `Bearer ${REALM}, error="invalid_token"`;
}
