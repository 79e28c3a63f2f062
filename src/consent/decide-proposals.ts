import type { Caller } from '../auth/caller.ts';
import type { ProposedAnswer } from '../fhir/family-parameters.ts';
import { problem } from '../problem.ts';
import { saveFamily } from '../storage/family.ts';
import { deletePairingCode } from '../storage/pairing-code.ts';
import { CODE_REFUSED, openPairing, type Pairing } from './open-pairing.ts';
import { type Desk, markRecorded } from './perform.ts';
import { planConfirmation, planRejection } from './plan-confirmation.ts';
import { isProposed, proposedAnswers, versionOf } from './proposals.ts';
import type { Register } from './register.ts';
import type { Unit } from './unit.ts';
import { writeOutcome } from './write-outcome.ts';

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
    const seen = pairing.consents.filter(isProposed).map(versionOf);
    noteFamily(unit, pairing, seen, 'reviewed');
    return Promise.resolve(proposedAnswers(pairing.consents));
  });
}

/**
 * Writes what a parent decided about exactly the versions the code is for (rules 27 and 28); the code is used up.
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
    for (const plan of plans) written.push(await writeOutcome(unit, pairing, plan));
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
