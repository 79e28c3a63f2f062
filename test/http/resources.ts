import {
  actor,
  bsn as byBsn,
  citizensConsent,
  holderCategory,
  requesterCategory,
} from '../profiles/sample-consents.ts';

export const BSN_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/bsn';
export const URA_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/ura';
export const TYPE_SYSTEM = 'http://nictiz.nl/fhir/NamingSystem/organization-type';
export const DATA_SYSTEM = 'http://fhir.nl/otv/CodeSystem/gegevenscategorie';
export const PURPOSE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

export function patient(bsn: string, more: object = {}) {
  return {
    resourceType: 'Patient',
    identifier: [{ system: BSN_SYSTEM, value: bsn }],
    name: [{ family: 'Visser', given: ['Anna'] }],
    birthDate: '1980-02-29',
    ...more,
  };
}

export function organization(ura: string, more: object = {}) {
  return {
    resourceType: 'Organization',
    identifier: [{ system: URA_SYSTEM, value: ura }],
    active: true,
    type: [{ coding: [{ system: TYPE_SYSTEM, code: 'Z3' }] }],
    name: 'Praktijk De Proef',
    ...more,
  };
}

/** GPs may share with pharmacies. */
export function consent(bsn: string, more: object = {}) {
  const { provision, ...rest } = citizensConsent();
  return {
    ...rest,
    patient: byBsn(bsn),
    performer: [byBsn(bsn)],
    provision: {
      ...provision,
      actor: [actor('CST', holderCategory('HA'))],
      provision: [{ type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC005'))] }],
    },
    ...more,
  };
}
