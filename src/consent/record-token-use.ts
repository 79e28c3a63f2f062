import { appendRecords } from '../audit/append.ts';
import { auditId } from '../audit/record.ts';
import type { OauthAction, OauthOutcome } from '../auth/authorization-server.ts';
import { readClock } from '../storage/clock.ts';
import type { Register } from './register.ts';

/** What the log calls that which is asked of the authorisation server. */
export const TOKEN_TARGETS = {
  token: 'Token.issue',
  introspect: 'Token.introspect',
  revoke: 'Token.revoke',
} as const satisfies Record<OauthAction, string>;

/** Records what became of a request to the authorisation server. @throws Problem unavailable; then nothing may be answered */
export async function recordTokenUse(register: Register, outcome: OauthOutcome): Promise<void> {
  const { action, requestId, status, clientId, error } = outcome;
  const now = await readClock(register.database);
  const record = {
    id: auditId(now),
    recordedAt: now,
    ...(clientId === undefined ? {} : { clientId }),
    interaction: TOKEN_TARGETS[action],
    outcome: status < 400 ? ('0' as const) : status < 500 ? ('4' as const) : ('8' as const),
    detail: { request: requestId, ...(error === undefined ? {} : { problem: error.replaceAll('_', '-') }) },
  };
  await appendRecords(register.database, [record]);
}
