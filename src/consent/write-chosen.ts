import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import { type PlaceText, readPlace, type StoredRule } from '../decision/stored-rule.ts';
import { consentOf } from '../fhir/consent-resource.ts';
import type { ConsentRow } from '../storage/consent.ts';
import type { Citizen } from './citizen.ts';
import { draftConsent } from './consent-draft.ts';
import type { PlannedConsent } from './plan-choice.ts';
import { organizationOf, type Recorder } from './recorder.ts';
import type { Unit } from './unit.ts';

/**
 * Writes one planned Consent.
 * @param before the row it is the next version of
 * @returns its versioned reference
 */
export async function writeChosen(
  unit: Unit,
  citizen: Citizen,
  recorder: Recorder,
  plan: PlannedConsent,
  before: ConsentRow | undefined,
): Promise<string> {
  const recorded = recordedAnew(unit, citizen, recorder, plan);
  const consent = plan.takesAnswers || before === undefined ? recorded : reduced(before, recorded);
  const draft = await draftConsent(unit, consent, citizen.patientKey, ruleOf(plan, before));
  const { content, search } = draft;
  const version = { id: before?.id ?? randomUUID(), recordedAt: citizen.now, content, search };
  const row =
    before === undefined
      ? await draft.insert(unit.sql, version)
      : await draft.update(unit.sql, { ...version, expected: before.version, method: 'update' });
  if (row === undefined) throw new Error('a consent that was locked could not be written');
  return `Consent/${row.id}/_history/${row.version}`;
}

/** The Consent with the plan's answers, as this recorder records it now. */
function recordedAnew(unit: Unit, citizen: Citizen, recorder: Recorder, plan: PlannedConsent): Consent {
  const { holder, category, pending } = plan;
  const organization = organizationOf(recorder);
  return consentOf({
    status: plan.answers.size === 0 ? 'inactive' : pending ? 'proposed' : 'active',
    patient: citizen.reference,
    performer: citizen.reference,
    ...(organization === undefined ? {} : { organization }),
    holder: place(holder),
    category,
    answers: [...plan.answers].map(([requester, decision]) => ({ requester: place(requester), decision })),
    dateTime: citizen.now,
    origin: recorder.way,
    catalogueVersion: unit.register.catalogue.version,
  });
}

/**
 * A Consent that only loses answers stays theirs who recorded it, with its moment and its confirmation: nobody said the rest
 * of it again.
 */
function reduced(before: ConsentRow, { status, provision }: Consent): Consent {
  return { ...(before.content as Consent), status, ...(provision === undefined ? {} : { provision }) };
}

/** What was migrated only ever loses answers here, so it keeps its lesser authority. */
function ruleOf({ holder, category, pending, answers }: PlannedConsent, before: ConsentRow | undefined): StoredRule {
  const authority = (before?.rule as StoredRule | null | undefined)?.authority ?? 'citizen';
  return { v: 1, holder, category, authority, pending, answers: [...answers] };
}

function place(text: PlaceText) {
  const read = readPlace(text);
  if (read === undefined) throw new Error('a place of our own making cannot be read');
  return read;
}
