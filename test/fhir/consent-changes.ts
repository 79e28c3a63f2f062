import { drop, put, set } from './refused-changes.ts';
import type { Change } from './refused-changes.ts';

const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const ROLES = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const URL = 'https://akkoord.example/fhir/StructureDefinition';
const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
const organisation = (value: string) => ({ identifier: { system: URA, value } });
const provision = (path = '') => `Consent.provision${path}`;

/** Changes to what a categorical consent says of itself. */
export const ABOUT_CONSENT: readonly Change[] = [
  drop('no status', '/status', 'element-missing Consent.status'),
  put('a draft', '/status', 'draft', 'code-unknown Consent.status'),
  drop('no scope', '/scope', 'element-missing Consent.scope'),
  put(
    'another scope',
    '/scope',
    coding('http://terminology.hl7.org/CodeSystem/consentscope', 'research'),
    'value-fixed Consent.scope',
  ),
  set('a scope in words', '/scope/text', 'privacy', 'element-forbidden Consent.scope.text'),
  drop('no category', '/category', 'element-missing Consent.category'),
  put('an unknown category', '/category/0/coding/0/code', 'GGC999', 'code-unknown Consent.category[0]'),
  put(
    'a category of another system',
    '/category/0/coding/0/system',
    'http://loinc.org',
    'code-unknown Consent.category[0]',
  ),
  put(
    'a category in words',
    '/category/0',
    { text: 'x' },
    'element-missing Consent.category[0].coding',
    'element-forbidden Consent.category[0].text',
    'code-unknown Consent.category[0]',
  ),
  set(
    'two categories',
    '/category/-',
    coding('http://fhir.nl/otv/CodeSystem/gegevenscategorie', 'GGC012'),
    'element-too-many Consent.category',
  ),
  set(
    'two codings of a category',
    '/category/0/coding/-',
    { system: 'http://fhir.nl/otv/CodeSystem/gegevenscategorie', code: 'GGC012' },
    'element-too-many Consent.category[0].coding',
  ),
  drop('no patient', '/patient', 'element-missing Consent.patient'),
  put(
    'a BSN that fails the eleven-test',
    '/patient/identifier/value',
    '900186022',
    'akk-bsn-1 Consent.patient.identifier',
  ),
  put('a BSN of zeros', '/patient/identifier/value', '000000000', 'akk-bsn-1 Consent.patient.identifier'),
  put('a BSN of eight digits', '/patient/identifier/value', '90018602', 'akk-bsn-1 Consent.patient.identifier'),
  put('a patient by another number', '/patient/identifier/system', URA, 'akk-bsn-1 Consent.patient.identifier'),
  set('a patient by reference and BSN', '/patient/reference', 'Patient/a', 'akk-con-4 Consent.patient'),
  put(
    'a patient who is an organisation',
    '/patient',
    { reference: 'Organization/a' },
    'reference-type Consent.patient.reference',
  ),
  put(
    'a patient elsewhere',
    '/patient',
    { reference: 'https://a.example/fhir/Patient/a' },
    'akk-con-4 Consent.patient',
  ),
  put(
    'a patient that is no reference',
    '/patient',
    { reference: 'Jansen' },
    'reference-invalid Consent.patient.reference',
  ),
  set('a name beside the BSN', '/patient/display', 'Anna Jansen', 'element-forbidden Consent.patient.display'),
  drop('no moment', '/dateTime', 'element-missing Consent.dateTime'),
  put('30 February', '/dateTime', '2026-02-30', 'date-invalid Consent.dateTime'),
  drop('nobody who gave it', '/performer', 'element-missing Consent.performer'),
  put(
    'a practitioner who gave it',
    '/performer/0',
    { reference: 'Practitioner/a' },
    'reference-type Consent.performer[0].reference',
  ),
  set(
    'a recorder without an eight-digit number',
    '/organization',
    [organisation('659')],
    'akk-ura-1 Consent.organization[0].identifier',
  ),
  set(
    'two recorders',
    '/organization',
    [organisation('00000659'), organisation('00000666')],
    'element-too-many Consent.organization',
  ),
  drop('no policy', '/policy', 'element-missing Consent.policy', 'ppc-1 Consent'),
  put('another law', '/policy/0/uri', 'https://a.example', 'value-fixed Consent.policy[0].uri'),
  drop('no origin', '/extension/0', `element-missing Consent.extension('${URL}/origin')`),
  put('an unknown origin', '/extension/0/valueCode', 'carrier-pigeon', 'code-unknown Consent.extension[0].value'),
  put(
    'an origin that is a text',
    '/extension/0',
    { url: `${URL}/origin`, valueString: 'portal' },
    'type-wrong Consent.extension[0].value',
    'element-missing Consent.extension[0].value',
  ),
  set(
    'two origins',
    '/extension/-',
    { url: `${URL}/origin`, valueCode: 'button' },
    `element-too-many Consent.extension('${URL}/origin')`,
  ),
  drop('no catalogue version', '/extension/1', `element-missing Consent.extension('${URL}/catalogue-version')`),
  set(
    'an unknown extension',
    '/extension/2',
    { url: 'https://a.example', valueCode: 'a' },
    'extension-unknown Consent.extension[2]',
  ),
  set(
    'an extension inside',
    '/patient/extension',
    [{ url: 'https://a.example', valueCode: 'a' }],
    'element-forbidden Consent.patient.extension',
  ),
  set(
    'an extension of a word',
    '/_status',
    { extension: [{ url: 'https://a.example', valueCode: 'a' }] },
    'extension-unknown Consent.status.extension[0]',
  ),
  set(
    'a modifier extension',
    '/modifierExtension',
    [{ url: 'https://a.example', valueCode: 'a' }],
    'element-forbidden Consent.modifierExtension',
  ),
  set(
    'whether the patient agreed, outside an emergency',
    '/extension/-',
    { url: `${URL}/patient-agreed`, valueCode: 'agreed' },
    'akk-con-10 Consent',
  ),
  set('an identifier', '/identifier', [{ value: 'a' }], 'element-forbidden Consent.identifier'),
  set('a source', '/sourceReference', { reference: 'Consent/a' }, 'element-forbidden Consent.source'),
  set('a policy rule', '/policyRule', { text: 'a' }, 'element-forbidden Consent.policyRule'),
  set(
    'a contained patient',
    '/contained',
    [{ resourceType: 'Patient', id: 'a' }],
    'element-forbidden Consent.contained',
  ),
  set('an unknown element', '/colour', 'red', 'element-unknown Consent.colour'),
  set('another profile', '/meta', { profile: ['https://a.example'] }, 'profile-unknown Consent.meta.profile[0]'),
  set('a security label', '/meta', { security: [{ code: 'R' }] }, 'element-forbidden Consent.meta.security'),
  set(
    'two confirmations',
    '/verification',
    [{ verified: true }, { verified: true }],
    'element-too-many Consent.verification',
  ),
  set(
    'a confirmation that says not whether',
    '/verification',
    [{ verificationDate: '2026-03-01' }],
    'element-missing Consent.verification[0].verified',
  ),
  put('a list where one belongs', '/status', ['active'], 'element-shape Consent.status'),
  put(
    'one where a list belongs',
    '/category',
    coding('http://fhir.nl/otv/CodeSystem/gegevenscategorie', 'GGC002'),
    'element-shape Consent.category',
  ),
  put('an empty list', '/provision/provision', [], `element-empty ${provision('.provision')}`),
  put('a number where a word belongs', '/status', 1, 'type-wrong Consent.status'),
  put('a hidden character', '/extension/1/valueString', '3960\u0000100', 'string-character Consent.extension[1].value'),
];
