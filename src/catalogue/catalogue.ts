/** FHIR systems of the codes in the catalogue. Sources: the FHIR systems of the Dutch consent register and our own. */
export const DATA_CATEGORY_SYSTEM = 'http://fhir.nl/otv/CodeSystem/gegevenscategorie';
export const REQUESTER_CATEGORY_SYSTEM = 'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie';
export const HOLDER_CATEGORY_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/holder-category';
export const ORGANISATION_TYPE_SYSTEM = 'http://nictiz.nl/fhir/NamingSystem/organization-type';
/** Types of organisation outside care: known, so that they can be refused by name; they map to no category. */
export const OUTSIDE_CARE_TYPE_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/outside-care-type';
/** The text that citizens answer: with the version of a catalogue, exactly what was asked. */
export const CONSENT_QUESTIONS = 'https://akkoord.example/fhir/CodeSystem/consent-question';

export interface Names {
  readonly nl: string;
  readonly en: string;
}

export interface DataCategory {
  readonly code: string;
  readonly names: Names;
  /** Every category a yes for this one also answers, itself included (transitive closure). */
  readonly covers: ReadonlySet<string>;
}

export interface HolderCategory {
  readonly code: string;
  readonly names: Names;
  /** The data category of this holder row. */
  readonly dataCategory: string;
  /** Requester categories for which the row has a question, in catalogue order. */
  readonly requesterCategories: readonly string[];
}

export interface RequesterCategory {
  readonly code: string;
  readonly names: Names;
}

export interface OrganisationType {
  readonly code: string;
  readonly system: string;
  readonly names: Names;
  /** Absent for a type outside care. */
  readonly holderCategory?: string;
  /** Absent for insurers, employers and company doctors: they are never eligible. */
  readonly requesterCategory?: string;
  readonly mayGrantEmergency: boolean;
}

/** One consent question as the portal offers it; a merged one covers several cells. */
export interface ConsentQuestion {
  readonly id: string;
  readonly holderCategory: string;
  readonly dataCategory: string;
  readonly requesterCategories: readonly string[];
}

/** In which a holder records an answer at the patient's request: what its button may say. */
export interface RecordingSituation {
  readonly code: string;
  readonly names: Names;
  /** The holders that may. */
  readonly holderCategory: string;
  /** About whom. */
  readonly requesterCategories: readonly string[];
}

/** One version of the consent catalogue: data, never code. Immutable. */
export interface Catalogue {
  readonly version: string;
  readonly dataCategories: ReadonlyMap<string, DataCategory>;
  readonly holderCategories: ReadonlyMap<string, HolderCategory>;
  readonly requesterCategories: ReadonlyMap<string, RequesterCategory>;
  readonly organisationTypes: ReadonlyMap<string, OrganisationType>;
  readonly questions: readonly ConsentQuestion[];
  readonly situations: readonly RecordingSituation[];
}
