import type { Consent, Reference } from '@medplum/fhirtypes';
import type { StoredRule } from '../decision/stored-rule.ts';
import { isGrant, ORIGIN_EXTENSION, originOf } from '../fhir/consent-resource.ts';
import { readDateRange } from '../fhir/date-range.ts';
import { BSN_SYSTEM, readBsn } from '../fhir/identifiers.ts';
import { problem } from '../problem.ts';
import type { ConsentRow } from '../storage/consent.ts';
import { PATIENT } from '../storage/patient.ts';
import { readResource } from '../storage/versioned.ts';
import { type Citizen, openCitizen } from './citizen.ts';
import { type ConsentDraft, draftConsent } from './consent-draft.ts';
import { isSelf } from './patient-kind.ts';
import type { Unit } from './unit.ts';

/** How far a caller's clock may run ahead of ours, in milliseconds. The order of answers is ours alone. */
const CLOCK_LEEWAY = 300_000;

/** A Consent that a citizen records through FHIR's own interactions (rules 9 to 12 of this room's README). */
export async function prepareConsent(
  unit: Unit,
  consent: Consent,
  before: ConsentRow | undefined,
): Promise<ConsentDraft> {
  const { patientKey, bsn } = await subjectOf(unit, consent.patient);
  if (!isSelf(unit, patientKey) || before?.patientKey.equals(patientKey) === false) {
    throw problem('forbidden', 'not-own-record', 'A citizen records only for themselves.', 'Consent.patient');
  }
  const citizen = await openCitizen(unit, patientKey, bsn);
  if (isWithdrawal(consent)) return withdraw(unit, consent, citizen, before);
  if (before !== undefined && isLateConfirmation(consent, citizen, before)) return confirmLate(unit, citizen, before);
  const patient = { reference: citizen.reference };
  requireOwnPerformer(unit, consent, citizen);
  requireHonestProvenance(consent, citizen);
  requireStatus(consent, citizen, before);
  const draft = await draftConsent(unit, { ...consent, patient, performer: [patient] }, patientKey);
  if (before !== undefined) await requireSameSubject(unit, citizen, before, draft);
  return draft;
}

/** Withdrawing changes the status and nothing else: what was said, by whom and when, stays as it was. */
async function withdraw(
  unit: Unit,
  { status }: Consent,
  citizen: Citizen,
  before: ConsentRow | undefined,
): Promise<ConsentDraft> {
  if (before === undefined) {
    throw problem('invalid', 'status-not-new', 'A new Consent is not a withdrawn one.', 'Consent.status');
  }
  keepRefusals(citizen, before, []);
  return draftConsent(unit, { ...(before.content as Consent), status }, citizen.patientKey);
}

/** The versions of a Consent are the history of one holder place; under 16 its refusals stay. */
async function requireSameSubject(
  unit: Unit,
  citizen: Citizen,
  before: ConsentRow,
  draft: ConsentDraft,
): Promise<void> {
  if (isGrant(before.content as Consent)) {
    throw problem(
      'invalid',
      'grant-not-rewritten',
      'An emergency grant is ended, never rewritten.',
      'Consent.extension',
    );
  }
  const past = { ...(before.content as Consent), status: 'inactive' as const };
  const { rule } = await draftConsent(unit, past, citizen.patientKey);
  if (JSON.stringify(rule.holder) !== JSON.stringify(draft.rule.holder)) {
    throw problem(
      'invalid',
      'holder-changed',
      'A Consent stays with its holder: record another.',
      'Consent.provision.actor',
    );
  }
  keepRefusals(citizen, before, draft.rule.answers);
}

/**
 * Under 16 a refusal is not taken back without a parent, by whatever way.
 * @throws Problem conflict when a refusal that counts is not among the answers any more
 */
export function keepRefusals(
  { underSixteen }: Pick<Citizen, 'underSixteen'>,
  before: ConsentRow,
  answers: StoredRule['answers'],
): void {
  if (!underSixteen) return;
  const kept = new Set(answers.flatMap(([place, given]) => (given === 'deny' ? [place] : [])));
  const refused = (before.rule as StoredRule | null)?.answers.filter(([, given]) => given === 'deny') ?? [];
  if (refused.every(([place]) => kept.has(place))) return;
  throw problem('conflict', 'refusal-needs-parent', 'Under 16 a refusal is not taken back without a parent.');
}

interface Subject {
  readonly patientKey: Buffer;
  readonly bsn?: string;
}

/** The citizen a reference names, by BSN or literally. One that does not exist is nobody's own. */
async function subjectOf(unit: Unit, reference: Reference | undefined): Promise<Subject> {
  if (reference?.identifier?.system === BSN_SYSTEM) {
    const bsn = readBsn(reference.identifier.value ?? '', 'Consent.patient.identifier.value');
    return { bsn, patientKey: unit.register.vault.keyOf(bsn) };
  }
  const id = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference?.reference ?? '')?.[1] ?? '';
  const row = await readResource(unit.sql, PATIENT, id);
  return { patientKey: row === undefined || row.deleted ? Buffer.alloc(32) : row.patientKey };
}

/** @throws Problem invalid unless the citizen alone gave the answers */
export function requireOwnPerformer(unit: Unit, { performer = [] }: Consent, citizen: Citizen): void {
  const isOwn = ({ reference, identifier }: Reference): boolean => {
    if (identifier?.system === BSN_SYSTEM) return isOwnBsn(unit, identifier.value, citizen);
    return reference === citizen.reference;
  };
  if (performer.length === 1 && performer.every(isOwn)) return;
  throw problem('invalid', 'performer-not-self', 'A citizen gives their own answers.', 'Consent.performer');
}

function isOwnBsn(unit: Unit, value: string | undefined, { patientKey }: Citizen): boolean {
  return unit.register.vault.keyOf(readBsn(value ?? '', 'Consent.performer')).equals(patientKey);
}

/** What a citizen may not claim: that another recorded it, that a parent confirmed it, or that it is of the future. */
function requireHonestProvenance(consent: Consent, { now }: Citizen): void {
  const origin = consent.extension?.findIndex(({ url }) => url === ORIGIN_EXTENSION) ?? -1;
  if (consent.extension?.[origin]?.valueCode !== 'portal') {
    throw problem(
      'invalid',
      'origin-not-portal',
      'A citizen records with origin portal.',
      `Consent.extension[${origin}].value`,
    );
  }
  if (consent.organization !== undefined) {
    throw problem(
      'invalid',
      'recorded-by-citizen',
      'No organisation records for a citizen here.',
      'Consent.organization',
    );
  }
  requireFreshAnswers(consent, now);
}

/** @throws Problem invalid for answers that say a parent confirmed them already, or that are of the future */
export function requireFreshAnswers({ verification, dateTime = '' }: Consent, now: number): void {
  if (verification !== undefined) {
    throw problem('invalid', 'verification-not-own', 'A parent confirms, nobody else.', 'Consent.verification');
  }
  if ((readDateRange(dateTime)?.from ?? 0) > now + CLOCK_LEEWAY) {
    throw problem('invalid', 'date-in-future', 'The moment of the choice lies in the future.', 'Consent.dateTime');
  }
}

/** From 16 a choice counts at once; before, it is proposed, beside what was confirmed earlier. */
function requireStatus(consent: Consent, citizen: Citizen, before: ConsentRow | undefined): void {
  const wanted = citizen.underSixteen ? 'proposed' : 'active';
  if (consent.status !== wanted) {
    const text = citizen.underSixteen
      ? 'Under 16 a choice is proposed: a parent confirms it.'
      : 'From 16 a choice is active: nobody confirms it.';
    throw problem('invalid', 'status-not-for-age', text, 'Consent.status');
  }
  if (citizen.underSixteen && before?.status === 'active') {
    throw problem(
      'invalid',
      'confirmed-stays',
      'What a parent confirmed is not rewritten: record a new proposal.',
      'Consent.status',
    );
  }
}

/** From 16 the citizen confirms what a provider recorded before, and nothing but its status changes (rule 29). */
function isLateConfirmation({ status }: Consent, { underSixteen }: Citizen, before: ConsentRow): boolean {
  if (underSixteen || status !== 'active' || before.status !== 'proposed') return false;
  return originOf(before.content as Consent) !== 'portal';
}

function confirmLate(unit: Unit, { patientKey }: Citizen, before: ConsentRow): Promise<ConsentDraft> {
  const rule = { ...(before.rule as StoredRule), pending: false };
  return draftConsent(unit, { ...(before.content as Consent), status: 'active' }, patientKey, rule);
}

/** `inactive` and `entered-in-error` withdraw, whoever recorded it. */
function isWithdrawal({ status }: Consent): boolean {
  return status === 'inactive' || status === 'entered-in-error';
}
