import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import { placeText, type PlaceText, readPlace } from '../decision/stored-rule.ts';
import { consentOf } from '../fhir/consent-resource.ts';
import { ruleOf } from '../fhir/consent-rule.ts';
import { Problem, problem } from '../problem.ts';
import type { ManyConsents } from '../storage/consent.ts';
import type { Citizen } from './citizen.ts';
import { consentSearch } from './consent-draft.ts';
import { type PreparedItem, requireOwnOrganization } from './migrated-item.ts';
import type { MigrationScene } from './migration-scene.ts';
import { type MigrationPlan, planMigration } from './plan-migration.ts';
import { requireFreshAnswers, requireOwnPerformer } from './prepare-consent.ts';
import type { Unit } from './unit.ts';

/** What is to become of an item; of whom, when that is known. */
export type Considered = { readonly patientKey?: Buffer } & ({ readonly problem: Problem } | LeftAlone | Drafted);

/** A Consent to be written. */
interface Drafted {
  readonly code: 'created';
  readonly consent: ManyConsents;
  /** The version it must have; absent: it is new. */
  readonly expected?: number;
  readonly takenBack: readonly string[];
}

type LeftAlone = Exclude<MigrationPlan, { readonly code: 'created' }>;
type Written = Extract<MigrationPlan, { readonly code: 'created' }>;

/** What is to become of one item, by the rules and by what the register holds. Never throws a Problem. */
export function consider(unit: Unit, scene: MigrationScene, item: PreparedItem): Considered {
  if ('problem' in item) return item;
  const patientKey = scene.patientKeyOf(item.citizen);
  const about = patientKey === undefined ? {} : { patientKey };
  try {
    const citizen = patientKey === undefined ? undefined : scene.citizenOf(patientKey);
    if (citizen === undefined) {
      throw problem('forbidden', 'not-subscribed', 'This organisation has no subscription for this patient.');
    }
    return { ...about, ...draft(unit, scene, item.consent, citizen) };
  } catch (error) {
    if (error instanceof Problem) return { ...about, problem: error };
    throw error;
  }
}

/** @throws Problem naming what is wrong with the item */
function draft(unit: Unit, scene: MigrationScene, consent: Consent, citizen: Citizen): Drafted | LeftAlone {
  const { patientKey, underSixteen } = citizen;
  if (scene.isLocked(patientKey)) {
    throw problem('forbidden', 'locked-by-citizen', 'This citizen lets no provider record choices.');
  }
  requireOwnOrganization(consent, scene.own);
  requireOwnPerformer(unit, consent, citizen);
  requireFreshAnswers(consent, citizen.now);
  const rule = ruleOf(unit.register.catalogue, consent, scene.organizations);
  if (rule.holder !== placeText({ kind: 'organisation', ura: scene.own.ura })) {
    const text = 'An organisation migrates answers about itself as the holder.';
    throw problem('forbidden', 'holder-not-own', text, 'Consent.provision.actor[0]');
  }
  const plan = planMigration(unit.register.catalogue, {
    rule,
    organization: scene.own,
    requesters: scene.organizations,
    answers: scene.profileOf(patientKey).answers,
    earlier: scene.earlierOf(patientKey),
    underSixteen,
  });
  return plan.code === 'created' ? drafted(unit, scene, consent, citizen, plan) : plan;
}

/** The Consent as it is stored: with the answers that were left, recorded by the organisation for the citizen. */
function drafted(
  { register }: Unit,
  { own }: MigrationScene,
  { dateTime, extension }: Consent,
  { reference, patientKey, now }: Citizen,
  { rule, before, takenBack }: Written,
): Drafted {
  const holder = { kind: 'organisation', ura: own.ura } as const;
  const status = rule.pending ? 'proposed' : 'active';
  const content: Consent = {
    ...consentOf({
      status,
      patient: reference,
      performer: reference,
      organization: `Organization/${own.id}`,
      holder,
      category: rule.category,
      answers: rule.answers.map(([requester, decision]) => ({ requester: placeOf(requester), decision })),
      dateTime: now,
      origin: 'migration',
      catalogueVersion: register.catalogue.version,
    }),
    // When it was given and under which catalogue, as precisely as the organisation says it.
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(extension === undefined ? {} : { extension }),
  };
  const search = consentSearch(register.conformance, content, [placeText(holder)]);
  const consent = { id: before?.id ?? randomUUID(), content, search, status, rule, patientKey };
  return { code: 'created', consent, takenBack, ...(before === undefined ? {} : { expected: before.version }) };
}

function placeOf(text: PlaceText) {
  const place = readPlace(text);
  if (place === undefined) throw new Error('a place of our own making cannot be read');
  return place;
}
