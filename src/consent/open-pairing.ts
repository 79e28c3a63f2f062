import { countRecentEvents } from '../storage/audit-event.ts';
import { readClock } from '../storage/clock.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { countPairingTry, deletePairingCode, findPairingCode, type PairingCodeRow } from '../storage/pairing-code.ts';
import { findPatients } from '../storage/patient.ts';
import { problem } from '../problem.ts';
import { ageGroupOf, type KnownAge } from './age.ts';
import { type Citizen, openCitizen } from './citizen.ts';
import { findKnownAge } from './known-age.ts';
import { hashesOf, hashProposals, isSameHash, readCode } from './pairing-code.ts';
import { type AnswerRow, findAnswers, isProposed } from './proposals.ts';
import type { Unit } from './unit.ts';

/** Most refused tries of a code, and of an account within `TRY_TIME`. */
const MOST_TRIES = 5;
/** How long a try counts: 15 minutes. */
const TRY_TIME = 900_000;

/** Code of the one refusal, whatever the reason. */
export const CODE_REFUSED = 'code-refused';

/** A parent with a code that counts: nobody else records for either of the two until the transaction ends. */
export interface Pairing {
  readonly child: Citizen;
  readonly parentKey: Buffer;
  /** Literal reference to the parent's Patient. */
  readonly parent: string;
  /** The child's Consents with answers, those that wait among them. */
  readonly consents: readonly AnswerRow[];
}

/** A code that does not count here. The try is written, so the transaction must be committed. */
export interface RefusedPairing {
  readonly refused: true;
  /** It was one wrong try too many for a code that lived until now. */
  readonly codeDied: boolean;
}

/**
 * Judges a code that a citizen enters (rule 26). Why it is refused is said to nobody; the try is counted for the account, and
 * for the code whose first half it has.
 * @throws Problem conflict when the code is good and for an older version of what the child proposes
 */
export async function openPairing(unit: Unit, written: string): Promise<Pairing | RefusedPairing> {
  const { sql, caller, register } = unit;
  if (caller.role !== 'citizen') throw problem('forbidden', 'not-permitted', 'This caller may not do this.');
  const parentKey = caller.patientKey;
  unit.note({ patientKey: parentKey });
  const hashes = hashesOf(register.vault, readCode(written) ?? '');
  const found = await findPairingCode(sql, hashes.selector);
  await lockPatients(sql, [parentKey, ...(found === undefined ? [] : [found.patientKey])]);
  const now = await readClock(sql);
  const tries = await countRecentEvents(sql, parentKey, now - TRY_TIME, { tried: true });
  if (tries >= MOST_TRIES) return refuse(unit, { parentKey, counts: false });
  const code = await living(unit, found, now);
  const isRight = isSameHash(code?.verifier ?? Buffer.alloc(32), hashes.verifier);
  const parent = await parentOf(unit, parentKey, now);
  if (code !== undefined && isRight && parent !== undefined && !code.patientKey.equals(parentKey)) {
    const child = await openCitizen(unit, code.patientKey, undefined);
    if (child.underSixteen) return pair(unit, code, { child, parentKey, parent });
  }
  return refuse(unit, { parentKey, counts: true }, code);
}

async function pair(unit: Unit, code: PairingCodeRow, family: Omit<Pairing, 'consents'>): Promise<Pairing> {
  unit.note({ patientKey: code.patientKey });
  const consents = await findAnswers(unit.sql, code.patientKey);
  const proposals = hashProposals(unit.register.vault, consents.filter(isProposed));
  if (isSameHash(proposals, code.proposals)) return { ...family, consents };
  const text = 'This code is for an older version: the child has changed the choices since.';
  throw problem('conflict', 'code-for-older-version', text);
}

/** The code, read again under its child's lock, as long as it counts; another child's may have its selector by now. */
async function living(
  { sql }: Unit,
  found: PairingCodeRow | undefined,
  now: number,
): Promise<PairingCodeRow | undefined> {
  if (found === undefined) return undefined;
  const code = await findPairingCode(sql, found.selector);
  return code?.patientKey.equals(found.patientKey) === true && now < code.expiresAt ? code : undefined;
}

/** The account's Patient, if it is known to be of somebody of 18 or older: by the birth date, without one by their word. */
async function parentOf(unit: Unit, patientKey: Buffer, now: number): Promise<string | undefined> {
  const [row] = await findPatients(unit.sql, [patientKey]);
  return row !== undefined && isAdult(await findKnownAge(unit, patientKey), now) ? `Patient/${row.id}` : undefined;
}

function isAdult({ birthDate, ageGroup }: KnownAge, now: number): boolean {
  return (birthDate === undefined ? ageGroup : ageGroupOf(birthDate, now)) === '18-or-older';
}

/** Counts a try for the account, and for the code, if one lives here, and lets both see it in their log. */
async function refuse(
  unit: Unit,
  { parentKey, counts }: { readonly parentKey: Buffer; readonly counts: boolean },
  code?: PairingCodeRow,
): Promise<RefusedPairing> {
  const refusal = { outcome: '4', detail: { problem: CODE_REFUSED } } as const;
  unit.note({ patientKey: parentKey, ...refusal });
  if (counts) unit.note({ patientKey: parentKey, detail: { tried: true } });
  if (code === undefined) return { refused: true, codeDied: false };
  unit.note({ patientKey: code.patientKey, ...refusal });
  const codeDied = code.tries + 1 >= MOST_TRIES;
  if (codeDied) unit.note({ patientKey: code.patientKey, detail: { flagged: 'pairing-code-ended' } });
  await (codeDied ? deletePairingCode : countPairingTry)(unit.sql, code.patientKey);
  return { refused: true, codeDied };
}
