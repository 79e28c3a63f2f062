import { type Refused, consent, grant, DC, extra, consentWith } from './change-consent.ts';
import { bsn, catalogueVersion, grantReason, origin, patientAgreed, ura } from './sample-consents.ts';

export const refusedConsents: Refused[] = [
  ['a draft', consentWith({ status: 'draft' }), ['akk-con-1 Consent.status']],
  [
    'another scope',
    consentWith({
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    }),
    ['akk-con-2 Consent.scope'],
  ],
  ['a scope in words too', consentWith({ scope: { ...consent.scope, text: 'privacy' } }), ['akk-con-2 Consent.scope']],
  [
    'two categories',
    consentWith({ category: [...consent.category, ...consent.category] }),
    ['akk-con-3 Consent.category'],
  ],
  [
    'a category of another system',
    consentWith({ category: [{ coding: [{ system: 'http://loinc.org', code: 'GGC002' }] }] }),
    ['akk-con-3 Consent.category'],
  ],
  [
    'a category with two codings',
    consentWith({
      category: [
        {
          coding: [
            { system: DC, code: 'GGC002' },
            { system: DC, code: 'GGC013' },
          ],
        },
      ],
    }),
    ['akk-con-3 Consent.category'],
  ],
  [
    'a patient twice told',
    consentWith({ patient: { reference: 'Patient/a', ...bsn('900186021') } }),
    ['akk-con-4 Consent.patient'],
  ],
  [
    'a patient at an absolute address',
    consentWith({ patient: { reference: 'https://example.org/Patient/a' } }),
    ['akk-con-4 Consent.patient'],
  ],
  [
    'a patient with a name beside it',
    consentWith({ patient: { ...bsn('900186021'), display: 'x' } }),
    ['akk-con-4 Consent.patient'],
  ],
  [
    'a BSN that fails the eleven-test',
    consentWith({ patient: bsn('900186022') }),
    ['akk-bsn-1 Consent.patient.identifier'],
  ],
  ['a BSN of zeros', consentWith({ patient: bsn('000000000') }), ['akk-bsn-1 Consent.patient.identifier']],
  ['a BSN of eight digits', consentWith({ patient: bsn('90018602') }), ['akk-bsn-1 Consent.patient.identifier']],
  [
    'an identifier with more to it',
    consentWith({ patient: { identifier: { ...bsn('900186021').identifier, use: 'official' } } }),
    ['akk-id-1 Consent.patient.identifier'],
  ],
  [
    'a performer that is a practitioner',
    consentWith({ performer: [{ reference: 'Practitioner/a' }] }),
    ['akk-con-5 Consent.performer'],
  ],
  [
    'two recording organisations',
    consentWith({ organization: [ura('00000659'), ura('00000666')] }),
    ['akk-con-6 Consent.organization'],
  ],
  [
    'a recording organisation of seven digits',
    consentWith({ organization: [ura('0000659')] }),
    ['akk-ura-1 Consent.organization.identifier'],
  ],
  ['another policy', consentWith({ policy: [{ uri: 'https://example.org/policy' }] }), ['akk-con-7 Consent.policy']],
  [
    'an authority in the policy',
    consentWith({ policy: [{ ...consent.policy[0], authority: 'https://example.org' }] }),
    ['akk-con-7 Consent.policy'],
  ],
  ['no origin', consentWith({ extension: [catalogueVersion] }), ['akk-con-8 Consent']],
  ['an unknown origin', consentWith({ extension: [origin('telephone'), catalogueVersion] }), ['akk-con-8 Consent']],
  [
    'an origin as text',
    consentWith({ extension: [{ url: origin('').url, valueString: 'portal' }, catalogueVersion] }),
    ['akk-con-8 Consent'],
  ],
  [
    'two origins',
    consentWith({ extension: [origin('portal'), origin('button'), catalogueVersion] }),
    ['akk-con-8 Consent'],
  ],
  ['no catalogue version', consentWith({ extension: [origin('portal')] }), ['akk-con-9 Consent']],
  [
    'a citizen who agreed outside an emergency',
    consentWith({ extension: [origin('portal'), catalogueVersion, patientAgreed('agreed')] }),
    ['akk-con-10 Consent'],
  ],
  [
    'an emergency grant that does not say whether the patient agreed',
    { ...grant, extension: [origin('emergency'), catalogueVersion, grantReason('Triage')] },
    ['akk-con-10 Consent'],
  ],
  [
    'an emergency grant with another word for it',
    { ...grant, extension: [origin('emergency'), catalogueVersion, patientAgreed('maybe'), grantReason('Triage')] },
    ['akk-con-10 Consent'],
  ],
  [
    'a reason outside an emergency',
    consentWith({ extension: [origin('portal'), catalogueVersion, grantReason('Triage')] }),
    ['akk-con-26 Consent'],
  ],
  [
    'an emergency grant with two reasons',
    { ...grant, extension: [...grant.extension, grantReason('Triage')] },
    ['akk-con-26 Consent'],
  ],
  [
    'an emergency grant with a reason of 1001 characters',
    { ...grant, extension: [...grant.extension.slice(0, 3), grantReason('x'.repeat(1001))] },
    ['akk-con-26 Consent'],
  ],
  [
    'a strange extension',
    consentWith({ extension: [...consent.extension, ...extra.extension] }),
    ['akk-con-11 Consent'],
  ],
  ['a modifier extension', consentWith({ modifierExtension: extra.extension }), ['akk-con-11 Consent']],
  [
    'an extension deep inside',
    consentWith({ category: [{ coding: [{ system: DC, code: 'GGC002', ...extra }] }] }),
    ['akk-con-11 Consent'],
  ],
  ['an extension of a primitive value', consentWith({ _status: extra }), ['akk-con-11 Consent']],
  [
    'a narrative',
    consentWith({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } }),
    ['akk-con-12 Consent'],
  ],
  ['a policy rule', consentWith({ policyRule: { text: 'x' } }), ['akk-con-12 Consent']],
  ['a source', consentWith({ sourceReference: { reference: 'Consent/a' } }), ['akk-con-12 Consent']],
  ['a contained resource', consentWith({ contained: [{ resourceType: 'Patient', id: 'p' }] }), ['akk-con-12 Consent']],
  ['a security label', consentWith({ meta: { security: [{ code: 'R' }] } }), ['akk-con-12 Consent']],
];
