import type { Consent, ConsentProvisionActor, Organization, Patient, Reference, Resource } from '@medplum/fhirtypes';

const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const HOLDER_CATEGORY = 'https://akkoord.example/fhir/CodeSystem/holder-category';
const REQUESTER_CATEGORY = 'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const EXTENSION = 'https://akkoord.example/fhir/StructureDefinition';

/** Patient 900186021 allows all GPs to share treatment data with pharmacies, and refuses hospitals and the like. */
export function categoricalConsent(): Consent {
  return {
    ...base('portal'),
    provision: {
      type: 'deny',
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      actor: [actor('CST', place(HOLDER_CATEGORY, 'HA'))],
      provision: [
        { type: 'permit', actor: [actor('IRCP', place(REQUESTER_CATEGORY, 'RPZAC005'))] },
        {
          type: 'deny',
          actor: [
            actor('IRCP', place(REQUESTER_CATEGORY, 'RPZAC104')),
            actor('IRCP', place(REQUESTER_CATEGORY, 'RPZAC003')),
          ],
        },
      ],
    },
  };
}

/** Patient 900186021, with practice 00000659: that practice may share with pharmacy 00014332 and with nobody else. */
export function individualConsent(): Consent {
  return {
    ...base('together'),
    organization: [place(URA, '00000659')],
    provision: {
      type: 'deny',
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      actor: [actor('CST', place(URA, '00000659'))],
      provision: [{ type: 'permit', actor: [actor('IRCP', { reference: 'Organization/pharmacy' })] }],
    },
  };
}

/** Post 00000666 may see what practice 00000659 holds, for 72 hours; the patient agreed. */
export function emergencyConsent(): Consent {
  const { extension = [], ...rest } = base('emergency');
  return {
    ...rest,
    extension: [
      ...extension,
      { url: `${EXTENSION}/patient-agreed`, valueCode: 'agreed' },
      { url: `${EXTENSION}/grant-reason`, valueString: 'Chest pain, medication unknown' },
    ],
    organization: [place(URA, '00000666')],
    provision: {
      type: 'deny',
      period: { start: '2026-03-01T10:00:00Z', end: '2026-03-04T10:00:00Z' },
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      actor: [actor('CST', place(URA, '00000659'))],
      provision: [{ type: 'permit', actor: [actor('IRCP', place(URA, '00000666'))] }],
    },
  };
}

export function patient(): Patient {
  return {
    resourceType: 'Patient',
    active: true,
    identifier: [{ system: BSN, value: '900186021' }],
    name: [{ use: 'official', family: 'Jansen', given: ['Anna'] }],
    telecom: [{ system: 'email', value: 'anna@example.org' }],
    gender: 'female',
    birthDate: '1980-02-29',
  };
}

export function organization(): Organization {
  return {
    resourceType: 'Organization',
    active: true,
    identifier: [{ system: URA, value: '00000659' }],
    type: [{ coding: [{ system: 'http://nictiz.nl/fhir/NamingSystem/organization-type', code: 'Z3' }] }],
    name: 'Huisartsenpraktijk De Linde',
  };
}

function base(origin: string): Consent {
  return {
    resourceType: 'Consent',
    extension: [
      { url: `${EXTENSION}/origin`, valueCode: origin },
      { url: `${EXTENSION}/catalogue-version`, valueString: '3960100' },
    ],
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://fhir.nl/otv/CodeSystem/gegevenscategorie', code: 'GGC002' }] }],
    patient: place(BSN, '900186021'),
    dateTime: '2026-03-01T10:00:00Z',
    performer: [place(BSN, '900186021')],
    policy: [{ uri: 'https://wetten.overheid.nl/BWBR0023864' }],
  };
}

function place<T extends Resource>(system: string, value: string): Reference<T> {
  return { identifier: { system, value } };
}

function actor(role: 'CST' | 'IRCP', reference: ConsentProvisionActor['reference']): ConsentProvisionActor {
  return { role: { coding: [{ system: PARTICIPATION, code: role }] }, reference };
}
