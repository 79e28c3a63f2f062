import { appendRecords } from '../audit/append.ts';
import { auditId } from '../audit/record.ts';
import { decide } from '../decision/decide.ts';
import type { Decision } from '../decision/decision.ts';
import type { CheckItem } from '../fhir/check-parameters.ts';
import { asProblem } from '../storage/database-problem.ts';
import { Together, type TogetherObserver } from '../together.ts';
import type { AskedCall, AdmittedItem, CheckResult, JudgeCall, JudgedItem, RecordedDecision } from './check-item.ts';
import { askingProblem, partyOf } from './check-parties.ts';
import { checkRecords } from './check-records.ts';
import { type Knowledge, readKnowledge } from './knowledge.ts';
import type { Register } from './register.ts';

/** Is told what is decided and how much is judged at once, for the metrics. */
export interface JudgeObserver extends TogetherObserver {
  /** A decision was recorded. */
  decided(decision: Decision): void;
}

type JudgeParts = Pick<Register, 'database' | 'catalogue' | 'log'> & {
  readonly observer?: JudgeObserver | undefined;
};

/** One go at once: what comes meanwhile makes the next one larger, and so all of them fewer. */
const FEW = { name: 'judge', most: 256, atOnce: 1 } as const;
/** A call of more items than this is enough for a go of its own. */
const MANY = 8;
const ALONE = { name: 'judge-many', most: 1, atOnce: 2 } as const;

/**
 * Judges calls: reads everything known in one statement, decides each item, writes every audit record in one statement, and only
 * then answers. Calls that come at once share both statements, and the moment of their decisions.
 */
export function judgeTogether(parts: JudgeParts): JudgeCall {
  const { observer } = parts;
  const judge = (calls: readonly AskedCall[]) => judgeAll(parts, calls);
  const few = new Together(judge, { observer, ...FEW });
  const alone = new Together(judge, { observer, ...ALONE });
  return (call) => (call.items.length <= MANY && call.items.every(isAboutNow) ? few : alone).ask(call);
}

function isAboutNow(one: AdmittedItem): boolean {
  return !('item' in one) || (one.item.at === undefined && one.item.knownAt === undefined);
}

async function judgeAll(parts: JudgeParts, calls: readonly AskedCall[]): Promise<CheckResult[][]> {
  const all = calls.flatMap(({ items }) => items);
  const knowledge = await readKnowledge(parts.database, all);
  const judged = all.map((item, index) => judgeItem(parts, item, knowledge(index)));
  let next = 0;
  const each = calls.map(({ access, items }) => ({ access, judged: judged.slice(next, (next += items.length)) }));
  const { now } = knowledge(0);
  await appendRecords(
    parts.database,
    each.flatMap(({ access, judged: own }) => own.flatMap((one) => checkRecords(access, one, now))),
  );
  const results = each.map(({ judged: own }) => own.map(({ result }) => result));
  for (const result of results.flat()) tell(parts, result);
  return results;
}

function tell({ observer }: JudgeParts, result: CheckResult): void {
  if ('decisions' in result) for (const { decision } of result.decisions) observer?.decided(decision);
}

function judgeItem(parts: JudgeParts, admitted: AdmittedItem, knowledge: Knowledge): JudgedItem {
  if ('problem' in admitted) return { admitted, result: { problem: admitted.problem } };
  try {
    return { admitted, result: { decisions: decideAll(parts, admitted.item, admitted.patientKey, knowledge) } };
  } catch (error) {
    return { admitted, result: { problem: asProblem(error) } };
  }
}

function decideAll(parts: JudgeParts, item: CheckItem, patientKey: Buffer, knowledge: Knowledge): RecordedDecision[] {
  const holder = partyOf(knowledge, item.holder, 'holder');
  const requester = partyOf(knowledge, item.requester, 'requester');
  const profile = knowledge.profileOf(patientKey);
  if (profile.unreadable.length > 0) parts.log.error('consent cannot be read', { consents: profile.unreadable });
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
    const decision = decide(parts.catalogue, question, profile);
    if (typeof decision === 'string') throw askingProblem(decision);
    return { decisionId: auditId(knowledge.now), evaluatedAt: knowledge.now, holder, requester, decision };
  });
}
