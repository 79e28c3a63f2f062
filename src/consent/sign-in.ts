import type { LoginSecrets, OpenidLogin } from '../auth/openid-login.ts';
import { openSession, sessionCaller } from '../auth/session.ts';
import { isBsn } from '../fhir/identifiers.ts';
import { problem, problemOf } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { openDesk, recordRefusal } from './perform.ts';
import type { Register } from './register.ts';

/** How long a sign-in that was begun may take, in milliseconds. */
export const ATTEMPT_LIFE = 10 * 60_000;
const PURPOSE = 'sign-in';

interface Attempt extends LoginSecrets {
  /** Milliseconds by the database's clock; from this moment on it counts no longer. */
  readonly until: number;
}

/** What a sign-in is done with. */
export interface SignInDesk {
  readonly register: Register;
  readonly login: OpenidLogin;
}

/**
 * Begins a sign-in.
 * @returns where to send the browser, and what it must bring back: sealed, for this browser alone
 * @throws Problem unavailable, recorded
 */
export async function beginSignIn(
  { register, login }: SignInDesk,
  requestId: string,
): Promise<{ readonly address: string; readonly attempt: string }> {
  try {
    const { address, secrets } = await login.start();
    const attempt: Attempt = { ...secrets, until: (await readClock(register.database)) + ATTEMPT_LIFE };
    return { address: address.href, attempt: register.vault.sealText(PURPOSE, JSON.stringify(attempt)) };
  } catch (error) {
    throw await refuse(register, requestId, error);
  }
}

/**
 * Ends a sign-in: with a session for the citizen, in the place of any other of theirs.
 * @param returned what this browser was given when it began, and the query it came back with
 * @returns what the browser is to hold
 * @throws Problem forbidden or unavailable, recorded; for a citizen who is known by then in their own log
 */
export async function finishSignIn(
  desk: SignInDesk,
  requestId: string,
  returned: { readonly attempt: string | undefined; readonly query: string },
): Promise<string> {
  const { register } = desk;
  const about: Buffer[] = [];
  try {
    const { bsn, assurance } = await verify(desk, returned);
    if (!isBsn(bsn)) throw problem('forbidden', 'sign-in-refused', 'The sign-in does not count. Begin again.');
    const patientKey = register.vault.keyOf(bsn);
    about.push(patientKey);
    if (assurance === undefined)
      throw problem('forbidden', 'assurance-too-low', 'A stronger way to sign in is needed.');
    const access = { caller: sessionCaller(patientKey), target: 'Session.create', requestId } as const;
    return await openDesk(register).run(access, async (unit) => {
      await lockPatients(unit.sql, [patientKey]);
      unit.note({ patientKey, detail: { assurance } });
      return openSession(unit.sql, { patientKey, assurance });
    });
  } catch (error) {
    throw await refuse(register, requestId, error, about);
  }
}

async function verify(
  { register, login }: SignInDesk,
  { attempt, query }: { readonly attempt: string | undefined; readonly query: string },
) {
  const { until, ...secrets } = openAttempt(register, attempt);
  const now = await readClock(register.database);
  if (now >= until) throw problem('forbidden', 'sign-in-refused', 'The sign-in does not count. Begin again.');
  return login.finish(query, secrets);
}

/** @throws Problem forbidden for a browser that began nothing here, or with another server */
function openAttempt({ vault }: Register, attempt = ''): Attempt {
  try {
    return JSON.parse(vault.openText(PURPOSE, attempt)) as Attempt;
  } catch (cause) {
    throw problem('forbidden', 'sign-in-not-begun', 'This browser has not begun to sign in.', undefined, cause);
  }
}

/** Says in the log of the server why, in codes: who runs it must be able to find a wrong setting. */
async function refuse(register: Register, requestId: string, error: unknown, about: readonly Buffer[] = []) {
  const { issues, cause } = problemOf(error);
  const { code = 'none' } = (cause ?? {}) as { readonly code?: string };
  register.log.warn('sign-in refused', { requestId, problem: issues[0].code, reason: code });
  return recordRefusal(register, { target: 'Session.create', requestId }, error, { about });
}
