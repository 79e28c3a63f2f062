import type { StructureDefinition } from '@medplum/fhirtypes';
import { brokenRules, rulesOf } from './broken-rules.ts';
import { readProfile } from './read-artefacts.ts';
import { BSN_SYSTEM } from './sample-consents.ts';

const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const TYPES = 'http://nictiz.nl/fhir/NamingSystem/organization-type';
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';

const patient = {
  resourceType: 'Patient',
  identifier: [{ system: BSN_SYSTEM, value: '999999990' }],
  active: true,
  name: [{ family: 'Voorbeeld', given: ['Anna'] }],
  telecom: [{ system: 'email', value: 'anna@example.org' }],
  gender: 'female',
  birthDate: '1980-02',
};
const organization = {
  resourceType: 'Organization',
  identifier: [{ system: URA, value: '00000659' }],
  type: [{ coding: [{ system: TYPES, code: 'Z3' }] }],
  name: 'Huisartsenpraktijk Voorbeeld',
};
const client = { type: { coding: [{ system: DCM, code: '110150' }] }, requestor: true };
const decision = {
  resourceType: 'AuditEvent',
  type: { system: DCM, code: '110113' },
  subtype: [{ system: 'https://akkoord.example/fhir/CodeSystem/audited-event', code: 'decision' }],
  action: 'E',
  recorded: '2026-03-01T10:00:00Z',
  outcome: '0',
  outcomeDesc: 'no-consent',
  agent: [client],
  source: { observer: { identifier: { value: 'akkoord' } } },
};
const person = {
  what: { reference: 'Patient/a' },
  role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
};

const child = { reference: 'Patient/a' };
const verifier = { who: { reference: 'Patient/b' }, onBehalfOf: child };
const LAW = 'https://wetten.overheid.nl/BWBR0023864';
const provenance = {
  resourceType: 'Provenance',
  target: [{ reference: 'Consent/a/_history/2' }],
  recorded: '2026-03-01T10:00:00Z',
  policy: [LAW, 'https://akkoord.example/fhir/CodeSystem/consent-question|3960100'],
  agent: [verifier],
};

const profiles = {
  patient: readProfile('akkoord-patient'),
  organization: readProfile('akkoord-organization'),
  decision: readProfile('akkoord-decision-audit-event'),
  provenance: readProfile('akkoord-provenance'),
};

describe.each([
  ['patient', profiles.patient, patient],
  ['organization', profiles.organization, organization],
  ['decision without a consent', profiles.decision, decision],
  ['recording', profiles.provenance, provenance],
] as const)('the profile of a %s', (_name, profile: StructureDefinition, instance: object) => {
  it('accepts what it is made for', () => {
    expect(brokenRules(profile, instance)).toEqual([]);
  });
});

const refused: [sentence: string, profile: StructureDefinition, instance: object, rules: string[]][] = [
  [
    'a patient without BSN',
    profiles.patient,
    { ...patient, identifier: [{ system: 'urn:x', value: '999999990' }] },
    ['akk-bsn-1 Patient.identifier'],
  ],
  [
    'a patient with two numbers',
    profiles.patient,
    { ...patient, identifier: [...patient.identifier, ...patient.identifier] },
    ['akk-pat-1 Patient'],
  ],
  ['a patient with a photo', profiles.patient, { ...patient, photo: [{ title: 'x' }] }, ['akk-pat-1 Patient']],
  ['a patient with an address', profiles.patient, { ...patient, address: [{ city: 'x' }] }, ['akk-pat-1 Patient']],
  ['a deceased patient', profiles.patient, { ...patient, deceasedBoolean: true }, ['akk-pat-1 Patient']],
  [
    'an organisation of seven digits',
    profiles.organization,
    { ...organization, identifier: [{ system: URA, value: '0000659' }] },
    ['akk-ura-1 Organization.identifier'],
  ],
  [
    'an insurer',
    profiles.organization,
    {
      ...organization,
      type: [{ coding: [{ system: 'https://akkoord.example/fhir/CodeSystem/outside-care-type', code: 'insurer' }] }],
    },
    ['akk-org-2 Organization.type'],
  ],
  [
    'an organisation of a type twice',
    profiles.organization,
    { ...organization, type: [...organization.type, ...organization.type] },
    ['akk-org-1 Organization'],
  ],
  [
    'an organisation without name',
    profiles.organization,
    { ...organization, name: undefined },
    ['akk-org-1 Organization'],
  ],
  [
    'a decision about two patients',
    profiles.decision,
    { ...decision, entity: [person, person] },
    ['akk-aud-1 AuditEvent'],
  ],
  ['a decision that nobody asked for', profiles.decision, { ...decision, agent: [] }, ['akk-aud-2 AuditEvent']],
  [
    'a decision that is called something else',
    profiles.decision,
    { ...decision, subtype: [] },
    ['akk-aud-3 AuditEvent'],
  ],
  [
    'a recording for two citizens',
    profiles.provenance,
    { ...provenance, agent: [verifier, { who: { reference: 'Patient/c' } }] },
    ['akk-prv-1 Provenance'],
  ],
  [
    'a recording of something else',
    profiles.provenance,
    { ...provenance, target: [{ reference: 'Consent/a' }] },
    ['akk-prv-2 Provenance.target'],
  ],
  [
    'a recording on another ground',
    profiles.provenance,
    { ...provenance, policy: [LAW, 'https://akkoord.example/fhir/CodeSystem/consent-question'] },
    ['akk-prv-3 Provenance.policy'],
  ],
  ['a decision without a reason', profiles.decision, { ...decision, outcomeDesc: undefined }, ['akk-aud-4 AuditEvent']],
];

describe('the rules of the other profiles', () => {
  it.each(refused)('refuse %s', (_sentence, profile, instance, rules) => {
    expect(brokenRules(profile, JSON.parse(JSON.stringify(instance)) as object)).toEqual(rules);
  });

  it('are each broken by a case above', () => {
    const broken = refused.flatMap(([, , , rules]) => rules.map((rule) => rule.split(' ')[0]));
    const all = Object.values(profiles).flatMap((profile) => rulesOf(profile).map(({ key }) => key));
    expect(new Set(all)).toEqual(new Set(broken));
  });
});
