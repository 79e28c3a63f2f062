import type { Caller } from '../auth/caller.ts';
import { parseScopes } from '../auth/scopes.ts';
import { hashMailCode, readMailCode } from '../notifications/mail-code.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { confirmMailAddress, findProposer } from '../storage/mail-address.ts';
import { openDesk } from './perform.ts';
import type { Register } from './register.ts';

/**
 * Confirms the e-mail address that a code was sent to. Whoever has the code stands for the citizen, in the log too.
 * @param written the code as somebody typed or pasted it
 * @returns false, alike, for a code that was never given, used or expired
 */
export async function confirmAddress(register: Register, requestId: string, written: string): Promise<boolean> {
  const codeHash = hashMailCode(readMailCode(written));
  const patientKey = await findProposer(register.database, codeHash);
  if (patientKey === undefined) return false;
  const caller: Caller = { role: 'citizen', patientKey, scopes: parseScopes(['patient/Patient.u']) };
  return openDesk(register).run({ caller, target: 'Patient.update', requestId }, async ({ sql }) => {
    await lockPatients(sql, [patientKey]);
    return confirmMailAddress(sql, codeHash);
  });
}
