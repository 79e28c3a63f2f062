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
        id: auditId(now),
        outcome: '4',
        detail: { ...detail, ...who(access, about?.patientKey) },
        ...base(access, about?.patientKey, now),
      },
    ];
  }
  return result.decisions.map((recorded) => ({
    id: recorded.decisionId,
    outcome: '0',
    detail: { check: decidedOf(about?.asked, recorded), ...who(access, about?.patientKey) },
    ...base(access, about?.patientKey, now),
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

/** The parties as the registry knows them, whatever was asked. */
function decidedOf(asked: AuditedCheck | undefined, { decision, holder, requester }: RecordedDecision): AuditedCheck {
  const { dataCategory, basedOn, catalogueVersion, reason } = decision;
  const decided = { dataCategory, decision: decision.decision, reason, basedOn, catalogueVersion };
  return Object.assign({}, asked, decided, { holder, requester });
}
