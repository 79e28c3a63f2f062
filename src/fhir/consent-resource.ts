import type {
  Consent,
  ConsentProvision,
  ConsentProvisionActor,
  Extension,
  Organization,
  Reference,
} from '@medplum/fhirtypes';
import { DATA_CATEGORY_SYSTEM, HOLDER_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Answer, Place } from '../decision/consent-profile.ts';
import type { Instant } from '../decision/question.ts';
import { PARTICIPATION_SYSTEM, PURPOSE_SYSTEM, URA_SYSTEM } from './identifiers.ts';

export const CONSENT_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-consent';
export const ORIGIN_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/origin';
export const CATALOGUE_VERSION_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/catalogue-version';
export const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope';
/** Additional provisions act for the processing of personal data in care. */
export const LAW = 'https://wetten.overheid.nl/BWBR0023864';

export type Origin = 'portal' | 'together' | 'button' | 'emergency' | 'migration';

/** An answer inside a Consent: of which the holder place and the data category are the Consent's. */
export type GivenAnswer = Pick<Answer, 'requester' | 'decision'>;

/** What every Consent says beside its rule. */
interface Recording {
  readonly id?: string;
  readonly status: Consent['status'];
  /** Literal references, such as `Patient/4f1…`. */
  readonly patient: string;
  readonly performer: string;
  /** The recording organisation, if any. */
  readonly organization?: string;
  /** The data category of the holder's row. */
  readonly category: string;
  readonly dateTime: Instant;
  readonly origin: Origin;
  readonly catalogueVersion: string;
}

/** What one Consent says: one citizen's answers for one holder place. */
export interface ConsentContent extends Recording {
  readonly holder: Place;
  /** Empty: every answer was cleared. */
  readonly answers: readonly GivenAnswer[];
}

/** The Consent resource for the content, as our Consent profile wants it: one permit and one deny at most. */
export function consentOf(content: ConsentContent): Consent {
  return recordedConsent(content, [], provisionOf(content));
}

/** The same Consent with these answers instead of its own. */
export function withAnswers(consent: Consent, content: Pick<ConsentContent, 'holder' | 'answers'>): Consent {
  return { ...consent, provision: provisionOf(content) };
}

/** A Consent with this rule, and with these extensions beside the ones that every Consent has. */
export function recordedConsent(
  recording: Recording,
  extensions: readonly Extension[],
  provision: ConsentProvision,
): Consent {
  const { id, status, organization } = recording;
  return {
    resourceType: 'Consent',
    ...(id !== undefined && { id }),
    meta: { profile: [CONSENT_PROFILE] },
    extension: [
      { url: ORIGIN_EXTENSION, valueCode: recording.origin },
      { url: CATALOGUE_VERSION_EXTENSION, valueString: recording.catalogueVersion },
      ...extensions,
    ],
    status,
    scope: { coding: [{ system: SCOPE_SYSTEM, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: DATA_CATEGORY_SYSTEM, code: recording.category }] }],
    patient: { reference: recording.patient },
    dateTime: new Date(recording.dateTime).toISOString(),
    performer: [{ reference: recording.performer }],
    ...(organization !== undefined && { organization: [{ reference: organization }] }),
    policy: [{ uri: LAW }],
    provision,
  };
}

/** The base rule: nobody may, but whom the answers permit. */
export function baseRule(holders: readonly Place[], answers: readonly ConsentProvision[]): ConsentProvision {
  return {
    type: 'deny',
    purpose: [{ system: PURPOSE_SYSTEM, code: 'TREAT' }],
    ...(holders.length > 0 && { actor: holders.map((holder) => actorOf('CST', holder, HOLDER_CATEGORY_SYSTEM)) }),
    ...(answers.length > 0 && { provision: [...answers] }),
  };
}

/** One answer, for these requester places. */
export function answerFor(decision: GivenAnswer['decision'], requesters: readonly Place[]): ConsentProvision {
  return { type: decision, actor: requesters.map((place) => actorOf('IRCP', place, REQUESTER_CATEGORY_SYSTEM)) };
}

/** How a Consent came to be recorded; every Consent of ours says so. */
export function originOf({ extension }: Consent): Origin {
  return (extension?.find(({ url }) => url === ORIGIN_EXTENSION)?.valueCode ?? 'portal') as Origin;
}

/** Whether a parent, or somebody else who may, has confirmed it. */
export function isConfirmed({ verification }: Consent): boolean {
  return verification?.some(({ verified }) => verified) === true;
}

/** Whether a Consent is an emergency grant. */
export function isGrant(consent: Consent): boolean {
  return originOf(consent) === 'emergency';
}

function provisionOf({ holder, answers }: Pick<ConsentContent, 'holder' | 'answers'>): ConsentProvision {
  const given = (['permit', 'deny'] as const).flatMap((decision) => {
    const places = answers.filter((answer) => answer.decision === decision).map(({ requester }) => requester);
    return places.length === 0 ? [] : [answerFor(decision, places)];
  });
  return baseRule([holder], given);
}

function actorOf(role: 'CST' | 'IRCP', place: Place, categories: string): ConsentProvisionActor {
  return {
    role: { coding: [{ system: PARTICIPATION_SYSTEM, code: role }] },
    reference: placeReference(place, categories),
  };
}

function placeReference(place: Place, categories: string): Reference<Organization> {
  if (place.kind === 'category') return { identifier: { system: categories, value: place.code } };
  return { identifier: { system: URA_SYSTEM, value: place.ura } };
}
