import type { Consent } from '@medplum/fhirtypes';
import { withAnswers } from '../fhir/consent-resource.ts';
import { draftConsent } from './consent-draft.ts';
import type { Pairing } from './open-pairing.ts';
import type { PlannedOutcome } from './plan-confirmation.ts';
import { type AnswerRow, isProposed, placeOf, versionOf } from './proposals.ts';
import type { Unit } from './unit.ts';

/**
 * Writes what becomes of one Consent by a parent's decision. Who recorded it, when and how stays as it was.
 * @returns its versioned reference
 */
export async function writeOutcome(unit: Unit, pairing: Pairing, plan: PlannedOutcome): Promise<string> {
  const before = pairing.consents.find(({ id }) => id === plan.id);
  if (before === undefined) throw new Error('only Consents that were read are planned for');
  const { now } = pairing.child;
  const rule = { ...before.rule, pending: plan.status === 'proposed', answers: plan.answers };
  const draft = await draftConsent(unit, decided(pairing, before, plan), before.patientKey, rule);
  const { content, search } = draft;
  const version = {
    id: before.id,
    expected: before.version,
    recordedAt: now,
    content,
    search,
    method: 'update',
  } as const;
  const row = await draft.update(unit.sql, version);
  if (row === undefined) throw new Error('a consent that was locked could not be written');
  return versionOf(row);
}

/** A Consent that no longer counts keeps what it said. */
function decided({ parent, child }: Pairing, before: AnswerRow, { status, answers }: PlannedOutcome): Consent {
  const content = before.content as Consent;
  const isDecided = isProposed(before) && (status === 'active' || status === 'rejected');
  const verification = {
    verified: status === 'active',
    verifiedWith: { reference: parent },
    verificationDate: new Date(child.now).toISOString(),
  };
  const isShorter = answers.length > 0 && answers.length < before.rule.answers.length;
  return {
    ...(isShorter ? withAnswers(content, placesIn(before.rule.holder, answers)) : content),
    status,
    ...(isDecided ? { verification: [verification] } : {}),
  };
}

function placesIn(holder: string, answers: PlannedOutcome['answers']) {
  return {
    holder: placeOf(holder),
    answers: answers.map(([requester, decision]) => ({ requester: placeOf(requester), decision })),
  };
}
