import type { Consent } from '@medplum/fhirtypes';
import type { Caller } from '../auth/caller.ts';
import { readPlace } from '../decision/stored-rule.ts';
import { withAnswers } from '../fhir/consent-resource.ts';
import type { ProposedAnswer } from '../fhir/family-parameters.ts';
import { problem } from '../problem.ts';
import { saveFamily } from '../storage/family.ts';
import { deletePairingCode } from '../storage/pairing-code.ts';
import { draftConsent } from './consent-draft.ts';
import { CODE_REFUSED, openPairing, type Pairing } from './open-pairing.ts';
import { type Desk, markRecorded } from './perform.ts';
import { planConfirmation, type PlannedOutcome, planRejection } from './plan-confirmation.ts';
import { type AnswerRow, isProposed, proposedAnswers } from './proposals.ts';
import type { Register } from './register.ts';
import type { Unit } from './unit.ts';

/** What a parent says of all that a child proposes. */
export type ParentsDecision = 'confirm' | 'reject';

interface Asking {
  readonly caller: Caller;
  readonly requestId: string;
}

/**
 * Shows a parent what the child proposes; the code stays good.
 * @throws Problem invalid for a code that does not count here, whatever the reason; conflict for one of an older version
 */
export function reviewProposals(
  register: Register,
  desk: Desk,
  asking: Asking,
  code: string,
): Promise<ProposedAnswer[]> {
  return withPairing(register, desk, { ...asking, target: 'Consent.review' }, code, (unit, pairing) => {
    const seen = pairing.consents.filter(isProposed).map(({ id, version }) => versionOf(id, version));
    noteFamily(unit, pairing, seen, 'reviewed');
    return Promise.resolve(proposedAnswers(pairing.consents));
  });
}

/**
 * Writes what a parent decided about exactly the versions the code is for (rules 22 and 23); the code is used up.
 * @throws Problem as `reviewProposals`
 */
export function decideProposals(
  register: Register,
  desk: Desk,
  asking: Asking,
  { code, decision }: { readonly code: string; readonly decision: ParentsDecision },
): Promise<ProposedAnswer[]> {
  return withPairing(register, desk, { ...asking, target: 'Consent.confirm' }, code, async (unit, pairing) => {
    const { child, parentKey, consents } = pairing;
    const plans = decision === 'confirm' ? planConfirmation(consents) : planRejection(consents);
    const written: string[] = [];
    for (const plan of plans) written.push(await write(unit, pairing, plan));
    await deletePairingCode(unit.sql, child.patientKey);
    await saveFamily(unit.sql, { childKey: child.patientKey, parentKey });
    noteFamily(unit, pairing, written, decision === 'confirm' ? 'confirmed' : 'rejected');
    if (written.length > 0) {
      unit.note({ patientKey: child.patientKey, recorded: { way: 'confirmation', consents: written } });
    }
    return proposedAnswers(consents);
  });
}

/** A refusal is thrown after the commit only: the try must stay counted. */
async function withPairing<T>(
  register: Register,
  desk: Desk,
  access: Asking & { readonly target: 'Consent.review' | 'Consent.confirm' },
  code: string,
  work: (unit: Unit, pairing: Pairing) => Promise<T>,
): Promise<T> {
  const opened = await desk.run(access, async (unit) => {
    const pairing = await openPairing(unit, code);
    return 'refused' in pairing ? pairing : { done: await work(unit, pairing) };
  });
  if ('done' in opened) return opened.done;
  if (opened.codeDied) register.log.error('a pairing code was guessed at too often', { requestId: access.requestId });
  const refusal = problem('invalid', CODE_REFUSED, 'This code is not good here.', 'Parameters.parameter');
  markRecorded(refusal);
  throw refusal;
}

/** Both see in their log what happened. */
function noteFamily(
  unit: Unit,
  { child, parentKey }: Pairing,
  entities: readonly string[],
  family: 'reviewed' | 'confirmed' | 'rejected',
): void {
  for (const patientKey of [child.patientKey, parentKey]) unit.note({ patientKey, detail: { entities, family } });
}

/** Writes what becomes of one Consent. Who recorded it, when and how stays as it was. */
async function write(unit: Unit, pairing: Pairing, plan: PlannedOutcome): Promise<string> {
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
  return versionOf(row.id, row.version);
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
    holder: place(holder),
    answers: answers.map(([requester, decision]) => ({ requester: place(requester), decision })),
  };
}

function place(text: string) {
  const read = readPlace(text);
  if (read === undefined) throw new Error('a place of our own making cannot be read');
  return read;
}

function versionOf(id: string, version: number): string {
  return `Consent/${id}/_history/${version}`;
}
