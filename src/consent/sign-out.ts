import { endSession, lookAtSession, sessionCaller } from '../auth/session.ts';
import { problem } from '../problem.ts';
import { openDesk, recordRefusal } from './perform.ts';
import type { Register } from './register.ts';

/**
 * Ends a session.
 * @throws Problem unauthenticated, recorded, when it is none or has ended
 */
export async function signOut(register: Register, requestId: string, token: string | undefined): Promise<void> {
  const session = await lookAtSession(register.database, token);
  if (session === undefined || token === undefined) {
    const refusal = problem('unauthenticated', 'not-signed-in', 'Nobody is signed in here.');
    throw await recordRefusal(register, { target: 'Session.delete', requestId }, refusal);
  }
  const access = { caller: sessionCaller(session.patientKey), target: 'Session.delete', requestId } as const;
  await openDesk(register).run(access, ({ sql }) => endSession(sql, token));
}

/** Records that a sign-out was asked for by another page than ours. @returns the Problem to throw */
export function refuseSignOut(register: Register, requestId: string): Promise<Error> {
  const refusal = problem('forbidden', 'cross-site-request', 'This was not asked for by a page of ours.');
  return recordRefusal(register, { target: 'Session.delete', requestId }, refusal);
}
