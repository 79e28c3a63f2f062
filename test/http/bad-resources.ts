import {
  actor,
  bsn,
  grantReason,
  holderCategory,
  patientAgreed,
  requesterCategory,
  ura,
} from '../profiles/sample-consents.ts';
import { ELS, GP, NOOR, PHARMACY } from './people.ts';
import { BSN_SYSTEM, consent, DATA_SYSTEM, organization, patient, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

/** What is sent by whom, and how it is refused: status, code, element. */
export interface BadResource {
  readonly name: string;
  readonly as: string;
  readonly body: { readonly resourceType: string };
  readonly expected: string;
  readonly element: string;
}

const as = `citizen:${NOOR}`;
const good = consent(NOOR);
const [answer] = good.provision.provision;
const { provision } = good;

function badConsent(name: string, change: object, expected: string, element: string): BadResource {
  return { name, as, body: { ...good, ...change }, expected, element };
}
const badRule = (name: string, change: object, expected: string, element: string) =>
  badConsent(name, { provision: { ...provision, ...change } }, expected, element);
const badAnswer = (name: string, change: object, expected: string, element: string) =>
  badRule(name, { provision: [{ ...answer, ...change }] }, expected, element);
const to = (...places: object[]) => places.map((place) => actor('IRCP', place));

/** Consents the decision would not honour as they stand. */
export const BAD_CONSENTS: readonly BadResource[] = [
  badConsent('an unknown element', { colour: 'red' }, '422 element-unknown', 'Consent.colour'),
  badConsent('an unknown status', { status: 'draft' }, '422', 'Consent.status'),
  badConsent(
    'an unknown data category',
    { category: [{ coding: [{ system: DATA_SYSTEM, code: 'GGC999' }] }] },
    '422',
    'Consent.category[0]',
  ),
  badConsent(
    'a category that is not of the row',
    { category: [{ coding: [{ system: DATA_SYSTEM, code: 'GGC013' }] }] },
    '422 category-not-of-holder',
    'Consent.category',
  ),
  badConsent('a BSN that fails the eleven-test', { patient: bsn('900186022') }, '422', 'Consent.patient.identifier'),
  badConsent('a BSN of zeros', { patient: bsn('000000000') }, '422', 'Consent.patient.identifier'),
  badConsent('a BSN in Arabic digits', { patient: bsn('٩٠٠١٨٦٠٢١') }, '422', 'Consent.patient.identifier'),
  badConsent(
    'a BSN that is a number',
    { patient: { identifier: { system: BSN_SYSTEM, value: Number(NOOR) } } },
    '422',
    'Consent.patient.identifier.value',
  ),
  badConsent(
    'a BSN of another system',
    { patient: { identifier: { system: 'http://example.org', value: NOOR } } },
    '422',
    'Consent.patient.identifier',
  ),
  badConsent('a performer who is another', { performer: [bsn(ELS)] }, '422 performer-not-self', 'Consent.performer'),
  badConsent(
    'a recording organisation',
    { organization: [ura(GP)] },
    '422 recorded-by-citizen',
    'Consent.organization',
  ),
  badConsent(
    'another origin',
    { extension: [{ ...good.extension[0], valueCode: 'migration' }, good.extension[1]] },
    '422 origin-not-portal',
    'Consent.extension[0].value',
  ),
  badConsent(
    'a confirmation by a parent',
    { verification: [{ verified: true, verifiedWith: bsn(ELS), verificationDate: '2026-01-01' }] },
    '422 verification-not-own',
    'Consent.verification',
  ),
  badConsent('a proposal of an adult', { status: 'proposed' }, '422 status-not-for-age', 'Consent.status'),
  badConsent('a moment that is to come', { dateTime: '2999-01-01' }, '422 date-in-future', 'Consent.dateTime'),
  badConsent('a day that is not', { dateTime: '2026-02-30' }, '400 date-invalid', 'Consent.dateTime'),
  badConsent('a source', { sourceReference: { reference: 'Consent/a' } }, '422', 'Consent.source'),
  badConsent('a contained resource', { contained: [{ resourceType: 'Patient' }] }, '422', 'Consent.contained'),
  badConsent(
    'a modifier',
    { modifierExtension: [{ url: 'urn:x', valueCode: 'x' }] },
    '422',
    'Consent.modifierExtension',
  ),
  badConsent('a security label', { meta: { security: [{ code: 'R' }] } }, '422', 'Consent.meta.security'),
  badRule('a base rule that permits', { type: 'permit' }, '422', 'Consent.provision.type'),
  badRule('a security label of the rule', { securityLabel: [{ code: 'R' }] }, '422', 'Consent.provision.securityLabel'),
  badRule('data', { data: [{ meaning: 'instance', reference: {} }] }, '422', 'Consent.provision.data'),
  badRule('an action', { action: [{ text: 'x' }] }, '422', 'Consent.provision.action'),
  badRule(
    'a period outside an emergency',
    { period: { start: '2026-03-01T10:00:00Z', end: '2026-03-04T10:00:00Z' } },
    '422',
    'Consent.provision',
  ),
  badRule(
    'two holders',
    { actor: [actor('CST', holderCategory('HA')), actor('CST', ura(GP))] },
    '422',
    'Consent.provision',
  ),
  badRule('no holder', { actor: undefined }, '422', 'Consent.provision'),
  badRule(
    'an unknown holder category',
    { actor: [actor('CST', holderCategory('XYZ'))] },
    '422 unknown-holder-category',
    'Consent.provision.actor[0].reference',
  ),
  badRule(
    'a holder that is not registered',
    { actor: [actor('CST', ura('90000697'))] },
    '422 holder-not-registered',
    'Consent.provision.actor[0].reference',
  ),
  badRule(
    'a requester with a yes and a no',
    { provision: [answer, { ...answer, type: 'deny' }] },
    '422',
    'Consent.provision',
  ),
  badRule(
    'a requester with a yes and a no, once by number and once by reference',
    {
      provision: [
        { type: 'permit', actor: to(ura(PHARMACY)) },
        { type: 'deny', actor: to({ reference: 'Organization/PHARMACY' }) },
      ],
    },
    '422 answered-twice',
    'Consent.provision.provision[1].actor[0]',
  ),
  badAnswer('a third level', { provision: [{ type: 'deny' }] }, '422', 'Consent.provision.provision[0].provision'),
  badAnswer('a period of an answer', { period: { start: '2026' } }, '422', 'Consent.provision.provision[0].period'),
  badAnswer('an answer that is neither', { type: 'maybe' }, '422', 'Consent.provision.provision[0].type'),
  badAnswer('an answer for nobody', { actor: [] }, '422', 'Consent.provision.provision[0].actor'),
  badAnswer(
    'an unknown requester category',
    { actor: to(requesterCategory('RPZAC999')) },
    '422 unknown-requester-category',
    'Consent.provision.provision[0].actor[0].reference',
  ),
  badAnswer(
    'a cell without a question',
    { actor: to(requesterCategory('RPZAC005'), requesterCategory('RPZAC200')) },
    '422 cell-without-question',
    'Consent.provision.provision[0].actor[1]',
  ),
  {
    name: 'an emergency grant of one’s own',
    as,
    body: {
      ...good,
      extension: [
        { ...good.extension[0], valueCode: 'emergency' },
        good.extension[1],
        patientAgreed('agreed'),
        grantReason('x'),
      ],
      provision: {
        ...provision,
        period: { start: '2026-03-01T10:00:00Z', end: '2026-03-04T10:00:00Z' },
        actor: [],
        provision: [{ type: 'permit', actor: to(ura(PHARMACY)) }],
      },
    } as BadResource['body'],
    expected: '422',
    element: 'Consent',
  },
];

/** Registrations that are no good. */
export const BAD_OTHERS: readonly BadResource[] = [
  ['an unknown element', patient(NOOR, { colour: 'red' }), '422 element-unknown', 'Patient.colour'],
  ['an address', patient(NOOR, { address: [{ city: 'X' }] }), '422', 'Patient.address'],
  ['no number', patient(NOOR, { identifier: [] }), '422', 'Patient.identifier'],
  [
    'another number as well',
    patient(NOOR, { identifier: [{ value: 'x' }, { value: 'y' }] }),
    '422',
    'Patient.identifier',
  ],
  ['a BSN that fails the eleven-test', patient('900186022'), '422', 'Patient.identifier[0]'],
  ['a BSN that is a number', patient(Number(NOOR) as unknown as string), '422', 'Patient.identifier[0].value'],
  ['a birth date that is not', patient(NOOR, { birthDate: '2023-02-30' }), '400 date-invalid', 'Patient.birthDate'],
  ['a birth date in the future', patient(NOOR, { birthDate: '2999-01-01' }), '422', 'Patient.birthDate'],
  ['a gender that is not', patient(NOOR, { gender: 'x' }), '422', 'Patient.gender'],
  ['a number of seven digits', organization('0000659'), '422', 'Organization.identifier[0]'],
  ['no type', organization('90000697', { type: undefined }), '422', 'Organization.type'],
  ['no name', organization('90000697', { name: undefined }), '422', 'Organization.name'],
  [
    'an unknown type',
    organization('90000697', { type: [{ coding: [{ system: TYPE_SYSTEM, code: 'ZZZ' }] }] }),
    '422',
    'Organization.type[0]',
  ],
  [
    'an insurer',
    organization('90000697', {
      type: [{ coding: [{ system: 'https://akkoord.example/fhir/CodeSystem/outside-care-type', code: 'insurer' }] }],
    }),
    '422',
    'Organization.type[0]',
  ],
  [
    'the type of another system',
    organization('90000697', { type: [{ coding: [{ system: URA_SYSTEM, code: 'Z3' }] }] }),
    '422',
    'Organization.type[0]',
  ],
].map(([name, body, expected, element]) => {
  const resource = body as BadResource['body'];
  return {
    name: `${resource.resourceType}: ${name as string}`,
    as: resource.resourceType === 'Patient' ? as : 'admin',
    body: resource,
    expected: expected as string,
    element: element as string,
  };
});
