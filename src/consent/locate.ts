import type { Catalogue } from '../catalogue/catalogue.ts';
import { covers, dataCategoryOfRow } from '../catalogue/look-up.ts';
import type { ConsentProfile } from '../decision/consent-profile.ts';
import { decide } from '../decision/decide.ts';
import type { Party } from '../decision/question.ts';
import type { Location, LocateRequest } from '../fhir/locate-parameters.ts';
import { type Registration, registrationOf } from '../fhir/subscription-resource.ts';
import { findSubscribers } from '../notifications/subscribers.ts';
import { problem } from '../problem.ts';
import { readForDecision } from '../storage/decision-rows.ts';
import { partyOf } from './check-parties.ts';
import { knowledgeOf } from './knowledge.ts';
import type { Unit } from './unit.ts';

/**
 * The open question: every holder that is subscribed for the citizen and may share with the requester now, by the same
 * function that decides the closed question.
 * @returns one location for each subscription; none also for a citizen nobody knows
 * @throws Problem forbidden when a holder asks for another requester; invalid as for a closed question
 */
export async function locate(unit: Unit, request: LocateRequest): Promise<Location[]> {
  const { vault, holderVaults, log } = unit.register;
  const patientKey = vault.keyOf(request.bsn);
  unit.note({ patientKey, detail: { check: { requester: request.requester } } });
  requireOwn(unit, request);
  const subscribers = await findSubscribers(unit.sql, holderVaults, [patientKey]);
  const registrations = subscribers.map(({ subscription }) => registrationOf(subscription));
  const uras = [request.requester.ura, ...registrations.map(({ ura }) => ura)];
  const knowledge = knowledgeOf(await readForDecision(unit.sql, [patientKey], [...new Set(uras)]));
  const requester = partyOf(knowledge, request.requester, 'requester');
  const profile = knowledge.profileOf(patientKey);
  if (profile.unreadable.length > 0) log.error('consent cannot be read', { consents: profile.unreadable });
  const locations = registrations
    .filter(({ ura, holderType }) => knowledge.typesOf(ura)?.includes(holderType) !== false)
    .flatMap((registration) => locationOf(unit, { ...request, registration, requester, profile, at: knowledge.now }));
  const located = [...new Set(locations.map(({ holder }) => holder.ura))];
  unit.note({ patientKey, detail: { check: { requester, purpose: 'TREAT' }, located } });
  return locations;
}

function requireOwn({ caller }: Unit, { requester }: LocateRequest): void {
  if (caller.role !== 'holder' || caller.ura === requester.ura) return;
  throw problem('forbidden', 'not-own-organization', 'An organisation asks only for itself.');
}

interface Asked {
  readonly registration: Registration;
  readonly requester: Party;
  readonly profile: ConsentProfile;
  readonly at: number;
  /** Empty: every category. */
  readonly dataCategories: readonly string[];
}

/** The location of one registration, if the requester may have anything from it. */
function locationOf({ register }: Unit, asked: Asked): Location[] {
  const { ura, holderType: type, gatewaySystem, sourceSystem } = asked.registration;
  const dataCategories = heldCategories(register.catalogue, type)
    .filter((code) => asked.dataCategories.length === 0 || asked.dataCategories.includes(code))
    .filter((code) => isPermitted(register.catalogue, { ura, type }, code, asked));
  if (dataCategories.length === 0) return [];
  return [
    {
      holder: { ura, type },
      dataCategories,
      ...(gatewaySystem === undefined ? {} : { gatewaySystem }),
      ...(sourceSystem === undefined ? {} : { sourceSystem }),
    },
  ];
}

/** The data category of the holder's row and what it contains, in catalogue order. */
function heldCategories(catalogue: Catalogue, type: string): string[] {
  const row = dataCategoryOfRow(catalogue, catalogue.organisationTypes.get(type)?.holderCategory ?? '') ?? '';
  return [...catalogue.dataCategories.keys()].filter((code) => covers(catalogue, row, code));
}

function isPermitted(
  catalogue: Catalogue,
  holder: Party,
  dataCategory: string,
  { requester, profile, at }: Asked,
): boolean {
  const decision = decide(catalogue, { holder, requester, dataCategory, purpose: 'TREAT', at }, profile);
  return typeof decision !== 'string' && decision.decision === 'permit';
}
