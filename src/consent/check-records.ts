import { auditId, type AuditedCheck, type AuditRecord } from '../audit/record.ts';
import type { Caller } from '../auth/caller.ts';
import type { CheckItem } from '../fhir/check-parameters.ts';
import type { JudgedItem, RecordedDecision } from './check-item.ts';
import { actorOf } from './perform.ts';

interface Access {
  readonly caller: Caller;
  readonly requestId: string;
}

/** The audit records of one judged item: one per decision, or one for the problem. */
export function checkRecords(access: Access, { admitted, result }: JudgedItem, now: number): AuditRecord[] {
  const asked = 'item' in admitted ? admitted : admitted.refused;
  const about = asked === undefined ? undefined : { patientKey: asked.patientKey, asked: askedOf(asked.item) };
  if ('problem' in result) {
    const detail = { problem: result.problem.issues[0].code, ...(about === undefined ? {} : { check: about.asked }) };
    return [
      {
        ...base(access, about?.patientKey, now),
        id: auditId(now),
        outcome: '4',
        detail: { ...who(access, about?.patientKey), ...detail },
      },
    ];
  }
  return result.decisions.map((recorded) => ({
    ...base(access, about?.patientKey, now),
    id: recorded.decisionId,
    outcome: '0',
    detail: { ...who(access, about?.patientKey), check: { ...about?.asked, ...decidedOf(recorded) } },
  }));
}

function base({ caller }: Access, patientKey: Buffer | undefined, now: number) {
  return {
    recordedAt: now,
    interaction: 'Consent.check',
    ...(patientKey === undefined ? {} : { patientKey }),
    ...(caller.role === 'citizen' ? {} : { clientId: caller.clientId }),
  };
}

function who({ caller, requestId }: Access, patientKey: Buffer | undefined) {
  const ura = caller.role === 'citizen' ? undefined : caller.ura;
  return {
    role: caller.role,
    request: requestId,
    ...(ura === undefined ? {} : { ura }),
    ...actorOf(caller, patientKey),
  };
}

function askedOf(item: CheckItem): AuditedCheck {
  const { holder, requester, purpose, requesterRole, professional, mandated, at, knownAt } = item;
  return {
    holder,
    requester,
    purpose,
    ...(requesterRole === undefined ? {} : { requesterRole }),
    ...(professional === undefined ? {} : { professional }),
    ...(mandated === undefined ? {} : { mandated }),
    ...(at === undefined ? {} : { at }),
    ...(knownAt === undefined ? {} : { knownAt }),
  };
}

function decidedOf({ decision, holder, requester }: RecordedDecision): AuditedCheck {
  const { dataCategory, basedOn, catalogueVersion, reason } = decision;
  return { holder, requester, dataCategory, decision: decision.decision, reason, basedOn, catalogueVersion };
}
