import type { Consent, ConsentProvision, ConsentProvisionActor, Organization, Reference } from '@medplum/fhirtypes';
import { DATA_CATEGORY_SYSTEM, HOLDER_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Answer, Place } from '../decision/consent-profile.ts';
import type { Instant } from '../decision/question.ts';
import { PARTICIPATION_SYSTEM, PURPOSE_SYSTEM, URA_SYSTEM } from './identifiers.ts';

export const CONSENT_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-consent';
export const ORIGIN_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/origin';
const CATALOGUE_VERSION_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/catalogue-version';
const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope';
/** Additional provisions act for the processing of personal data in care. */
const LAW = 'https://wetten.overheid.nl/BWBR0023864';

export type Origin = 'portal' | 'together' | 'button' | 'emergency' | 'migration';

/** An answer inside a Consent: of which the holder place and the data category are the Consent's. */
export type GivenAnswer = Pick<Answer, 'requester' | 'decision'>;

/** What one Consent says: one citizen's answers for one holder place. */
export interface ConsentContent {
  readonly id?: string;
  readonly status: Consent['status'];
  /** Literal references, such as `Patient/4f1…`. */
  readonly patient: string;
  readonly performer: string;
  /** The recording organisation, if any. */
  readonly organization?: string;
  readonly holder: Place;
  /** The data category of the holder's row. */
  readonly category: string;
  /** Empty: every answer was cleared. */
  readonly answers: readonly GivenAnswer[];
  readonly dateTime: Instant;
  readonly origin: Origin;
  readonly catalogueVersion: string;
}

/** The Consent resource for the content, as our Consent profile wants it: one permit and one deny at most. */
export function consentOf(content: ConsentContent): Consent {
  const { id, status, organization } = content;
  return {
    resourceType: 'Consent',
    ...(id !== undefined && { id }),
    meta: { profile: [CONSENT_PROFILE] },
    extension: [
      { url: ORIGIN_EXTENSION, valueCode: content.origin },
      { url: CATALOGUE_VERSION_EXTENSION, valueString: content.catalogueVersion },
    ],
    status,
    scope: { coding: [{ system: SCOPE_SYSTEM, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: DATA_CATEGORY_SYSTEM, code: content.category }] }],
    patient: { reference: content.patient },
    dateTime: new Date(content.dateTime).toISOString(),
    performer: [{ reference: content.performer }],
    ...(organization !== undefined && { organization: [{ reference: organization }] }),
    policy: [{ uri: LAW }],
    provision: provisionOf(content),
  };
}

function provisionOf({ holder, answers }: ConsentContent): ConsentProvision {
  const provision = (['permit', 'deny'] as const).flatMap((decision) => {
    const places = answers.filter((answer) => answer.decision === decision).map(({ requester }) => requester);
    if (places.length === 0) return [];
    return [{ type: decision, actor: places.map((place) => actorOf('IRCP', place, REQUESTER_CATEGORY_SYSTEM)) }];
  });
  return {
    type: 'deny',
    purpose: [{ system: PURPOSE_SYSTEM, code: 'TREAT' }],
    actor: [actorOf('CST', holder, HOLDER_CATEGORY_SYSTEM)],
    ...(provision.length > 0 && { provision }),
  };
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
