const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const DEFINITION = 'https://akkoord.example/fhir/StructureDefinition';
export const BSN_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/ura';

export const bsn = (value: string) => ({ identifier: { system: BSN_SYSTEM, value } });
export const ura = (value: string) => ({ identifier: { system: URA_SYSTEM, value } });
export const holderCategory = (value: string) => ({
  identifier: { system: 'https://akkoord.example/fhir/CodeSystem/holder-category', value },
});
export const requesterCategory = (value: string) => ({
  identifier: { system: 'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie', value },
});
export const actor = (role: string, reference: object) => ({
  role: { coding: [{ system: PARTICIPATION, code: role }] },
  reference,
});
export const origin = (valueCode: string) => ({ url: `${DEFINITION}/origin`, valueCode });
export const catalogueVersion = { url: `${DEFINITION}/catalogue-version`, valueString: '3960100' };
export const grantReason = (valueString: string) => ({ url: `${DEFINITION}/grant-reason`, valueString });
export const patientAgreed = (valueCode: string) => ({ url: `${DEFINITION}/patient-agreed`, valueCode });

/** GPs may share treatment data with pharmacies, and may not with mental healthcare. */
export function citizensConsent() {
  return {
    resourceType: 'Consent',
    meta: { profile: [`${DEFINITION}/akkoord-consent`] },
    extension: [origin('portal'), catalogueVersion],
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://fhir.nl/otv/CodeSystem/gegevenscategorie', code: 'GGC002' }] }],
    patient: bsn('900186021'),
    dateTime: '2026-03-01T10:00:00Z',
    performer: [bsn('900186021')],
    policy: [{ uri: 'https://wetten.overheid.nl/BWBR0023864' }],
    provision: {
      type: 'deny',
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      actor: [actor('CST', holderCategory('HA'))],
      provision: [
        { type: 'permit', actor: [actor('IRCP', requesterCategory('RPZAC005')), actor('IRCP', ura('00014332'))] },
        { type: 'deny', actor: [actor('IRCP', requesterCategory('RPZAC003'))] },
      ],
    },
  };
}

/** An out-of-hours GP service may see what all holders have, for 72 hours. */
export function emergencyGrant() {
  const consent = citizensConsent();
  const { type, purpose } = consent.provision;
  return {
    ...consent,
    extension: [origin('emergency'), catalogueVersion, patientAgreed('unable'), grantReason('Found unconscious')],
    organization: [ura('00000666')],
    provision: {
      type,
      purpose,
      period: { start: '2026-03-01T10:00:00Z', end: '2026-03-04T10:00:00.000Z' },
      provision: [{ type: 'permit', actor: [actor('IRCP', ura('00000666'))] }],
    },
  };
}
