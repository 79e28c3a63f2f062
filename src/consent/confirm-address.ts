import type { Caller } from '../auth/caller.ts';
import { parseScopes } from '../auth/scopes.ts';
import { hashMailCode, readMailCode } from '../notifications/mail-code.ts';
import { problem } from '../problem.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { confirmMailAddress, findProposer } from '../storage/mail-address.ts';
import { CODE_REFUSED } from './open-pairing.ts';
import { openDesk, recordRefusal } from './perform.ts';
import type { Register } from './register.ts';

/**
 * Confirms the e-mail address that a code was sent to. Whoever has the code stands for the citizen, in the log too.
 * @param written the code as somebody typed or pasted it
 * @returns false, alike, for a code that was never given, used or expired; that is recorded too
 * @throws Problem unavailable, also when it cannot be recorded
 */
export async function confirmAddress(register: Register, requestId: string, written: string): Promise<boolean> {
  const codeHash = hashMailCode(readMailCode(written));
  const patientKey = await findProposer(register.database, codeHash);
  if (patientKey === undefined) return refuse(register, requestId);
  const caller: Caller = { role: 'citizen', patientKey, scopes: parseScopes(['patient/Patient.u']) };
  return openDesk(register).run({ caller, target: 'Patient.update', requestId }, async (unit) => {
    await lockPatients(unit.sql, [patientKey]);
    const isConfirmed = await confirmMailAddress(unit.sql, codeHash);
    if (!isConfirmed) unit.note({ patientKey, outcome: '4', detail: { problem: CODE_REFUSED } });
    return isConfirmed;
  });
}

/** That somebody tried is in the log; whose code it was to be, nobody can tell. @throws Problem unavailable */
async function refuse(register: Register, requestId: string): Promise<false> {
  const refusal = problem('invalid', CODE_REFUSED, 'This code is not good here.');
  const recorded = await recordRefusal(register, { target: 'Patient.update', requestId }, refusal);
  if (recorded !== refusal) throw recorded;
  return false;
}
