import { appendRecords } from '../audit/append.ts';
import { auditId } from '../audit/record.ts';
import type { Caller } from '../auth/caller.ts';
import { permit } from '../auth/permissions.ts';
import { decide } from '../decision/decide.ts';
import type { CheckItem } from '../fhir/check-parameters.ts';
import { type Problem, problem } from '../problem.ts';
import { asProblem } from '../storage/database-problem.ts';
import type { AdmittedItem, CheckInput, CheckResult, JudgedItem, RecordedDecision } from './check-item.ts';
import { checkRecords } from './check-records.ts';
import { askingProblem, partyOf } from './check-parties.ts';
import { type Knowledge, readKnowledge } from './knowledge.ts';
import { markRecorded, recordRefusal } from './perform.ts';
import type { Register } from './register.ts';

/**
 * The closed question, for one item or many: read everything known in one statement, decide each, write every audit
 * record in one statement, and only then answer. Results stand in the order of the items.
 * @throws Problem forbidden when the caller may not ask at all; unavailable when the register or its log cannot be reached
 */
export async function check(
  register: Register,
  access: { readonly caller: Caller; readonly requestId: string },
  items: readonly CheckInput[],
): Promise<CheckResult[]> {
  try {
    permit(access.caller, 'Consent.check');
    const admitted = items.map((item) => admit(register, access.caller, item));
    const knowledge = await readKnowledge(register, admitted);
    const judged = admitted.map((item, index) => judge(register, item, knowledge(index)));
    await appendRecords(
      register.database,
      judged.flatMap((one) => checkRecords(access, one, knowledge(0).now)),
    );
    for (const { result } of judged) if ('problem' in result) markRecorded(result.problem);
    return judged.map(({ result }) => result);
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

function judge(register: Register, admitted: AdmittedItem, knowledge: Knowledge): JudgedItem {
  if ('problem' in admitted) return { admitted, result: { problem: admitted.problem } };
  try {
    return { admitted, result: { decisions: decideAll(register, admitted.item, admitted.patientKey, knowledge) } };
  } catch (error) {
    return { admitted, result: { problem: asProblem(error) } };
  }
}

function decideAll(register: Register, item: CheckItem, patientKey: Buffer, knowledge: Knowledge): RecordedDecision[] {
  const holder = partyOf(knowledge, item.holder, 'holder');
  const requester = partyOf(knowledge, item.requester, 'requester');
  const profile = knowledge.profileOf(patientKey);
  if (profile.unreadable.length > 0) register.log.error('consent cannot be read', { consents: profile.unreadable });
  const at = item.at ?? knowledge.now;
  const categories: readonly (string | undefined)[] =
    item.dataCategories.length === 0 ? [undefined] : item.dataCategories;
  return categories.map((dataCategory) => {
    const question = {
      holder,
      requester,
      purpose: item.purpose,
      at,
      ...(dataCategory === undefined ? {} : { dataCategory }),
    };
    const decision = decide(register.catalogue, question, profile);
    if (typeof decision === 'string') throw askingProblem(decision);
    return { decisionId: auditId(knowledge.now), evaluatedAt: knowledge.now, holder, requester, decision };
  });
}
