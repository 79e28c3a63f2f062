import type { Caller } from '../auth/caller.ts';
import { permit } from '../auth/permissions.ts';
import type { CheckItem } from '../fhir/check-parameters.ts';
import { type Problem, problem } from '../problem.ts';
import { asProblem } from '../storage/database-problem.ts';
import type { AdmittedItem, CheckInput, CheckResult } from './check-item.ts';
import { markRecorded, recordRefusal } from './perform.ts';
import type { Register } from './register.ts';

/**
 * The closed question, for one item or many. Results stand in the order of the items; when they are there, they are recorded.
 * @throws Problem forbidden when the caller may not ask at all; unavailable when the register or its log cannot be reached
 */
export async function check(
  register: Register,
  access: { readonly caller: Caller; readonly requestId: string },
  items: readonly CheckInput[],
): Promise<CheckResult[]> {
  try {
    permit(access.caller, 'Consent.check');
    const results = await register.judge({ access, items: items.map((item) => admit(register, access.caller, item)) });
    for (const result of results) if ('problem' in result) markRecorded(result.problem);
    return results;
  } catch (error) {
    throw await recordRefusal(register, { ...access, target: 'Consent.check' }, asProblem(error));
  }
}

function admit(register: Register, caller: Caller, input: CheckInput): AdmittedItem {
  if ('problem' in input) return input;
  const patientKey = register.vault.keyOf(input.bsn);
  const refusal = refusalOf(caller, input, patientKey);
  const asked = { item: input, patientKey };
  return refusal === undefined ? asked : { problem: refusal, refused: asked };
}

/** A holder asks as itself, a citizen about themselves; only an auditor asks about other moments. */
function refusalOf(caller: Caller, item: CheckItem, patientKey: Buffer): Problem | undefined {
  const timeTravel = item.at !== undefined || item.knownAt !== undefined;
  if (timeTravel && caller.role !== 'auditor') {
    return problem('forbidden', 'moment-not-permitted', 'Only an auditor may ask about another moment.');
  }
  if (caller.role === 'holder' && caller.ura !== item.holder.ura) {
    return problem('forbidden', 'not-own-organization', 'A holder asks only for its own organisation.');
  }
  if (caller.role === 'citizen' && !caller.patientKey.equals(patientKey)) {
    return problem('forbidden', 'not-own-record', 'A citizen asks only about their own choices.');
  }
  return undefined;
}
