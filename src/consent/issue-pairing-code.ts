import { problem } from '../problem.ts';
import { savePairingCode } from '../storage/pairing-code.ts';
import type { PairingCode } from '../fhir/family-parameters.ts';
import { openCitizen } from './citizen.ts';
import { hashesOf, hashProposals, newCode } from './pairing-code.ts';
import { findAnswers, isProposed, proposedAnswers, versionOf } from './proposals.ts';
import type { Unit } from './unit.ts';

/** How long a code counts: 15 minutes. */
const LIFE = 900_000;
/** How often a code is thrown away because another's has its first half. */
const MOST_DRAWS = 20;

/**
 * Gives a child a code for exactly what it proposes now (rule 25); an earlier code of the child counts no longer.
 * @throws Problem invalid from 16; conflict when nothing waits for a parent
 */
export async function issuePairingCode(unit: Unit): Promise<PairingCode> {
  const { caller, sql, register } = unit;
  if (caller.role !== 'citizen') throw problem('forbidden', 'not-permitted', 'This caller may not do this.');
  const { patientKey } = caller;
  const { underSixteen, now } = await openCitizen(unit, patientKey, undefined);
  if (!underSixteen) throw problem('invalid', 'not-under-sixteen', 'From 16 no parent confirms a choice.');
  const consents = await findAnswers(sql, patientKey);
  const waiting = consents.filter(isProposed);
  if (waiting.length === 0) throw problem('conflict', 'nothing-proposed', 'No choice waits for a parent.');
  const proposals = hashProposals(register.vault, waiting);
  const expires = now + LIFE;
  const code = await drawCode(unit, { patientKey, proposals, expiresAt: expires }, now);
  unit.note({
    patientKey,
    detail: { entities: waiting.map(versionOf) },
  });
  return { code, expires, answers: proposedAnswers(consents) };
}

async function drawCode(
  { sql, register }: Unit,
  row: Omit<Parameters<typeof savePairingCode>[1], 'selector' | 'verifier'>,
  now: number,
): Promise<string> {
  for (let draws = 0; draws < MOST_DRAWS; draws += 1) {
    const code = newCode();
    if (await savePairingCode(sql, { ...row, ...hashesOf(register.vault, code) }, now)) return code;
  }
  throw problem('unavailable', 'no-code-free', 'There is no pairing code at this moment.');
}
