import { drop, put, set } from './refused-changes.ts';
import type { Change } from './refused-changes.ts';

const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const ROLES = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
const organisation = (value: string) => ({ identifier: { system: URA, value } });
const requester = (reference: object) => ({ role: coding(ROLES, 'IRCP'), reference });
const provision = (path = '') => `Consent.provision${path}`;

/** Changes to the answers of a categorical consent. */
export const TO_ANSWERS: readonly Change[] = [
  drop('no provision', '/provision', 'element-missing Consent.provision'),
  put('a base rule that permits', '/provision/type', 'permit', `value-fixed ${provision('.type')}`),
  drop('a base rule without type', '/provision/type', `element-missing ${provision('.type')}`),
  put('another purpose', '/provision/purpose/0/code', 'HRESCH', `value-fixed ${provision('.purpose[0]')}`),
  drop('no purpose', '/provision/purpose', `element-missing ${provision('.purpose')}`),
  set(
    'a period outside an emergency',
    '/provision/period',
    { start: '2026-03-01T10:00:00Z', end: '2026-03-04T10:00:00Z' },
    `akk-con-15 ${provision()}`,
  ),
  drop('no holder', '/provision/actor', `akk-con-14 ${provision()}`),
  set(
    'two holders',
    '/provision/actor/-',
    { role: coding(ROLES, 'CST'), reference: organisation('00000659') },
    `akk-con-14 ${provision()}`,
  ),
  put(
    'a holder in another role',
    '/provision/actor/0/role',
    coding(ROLES, 'IRCP'),
    `value-fixed ${provision('.actor[0].role')}`,
  ),
  put(
    'a holder that is a requester category',
    '/provision/actor/0/reference/identifier/system',
    'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie',
    `akk-con-21 ${provision('.actor[0].reference')}`,
  ),
  set(
    'a security label of the rule',
    '/provision/securityLabel',
    [{ code: 'R' }],
    `element-forbidden ${provision('.securityLabel')}`,
  ),
  set('data', '/provision/data', [{ meaning: 'instance', reference: {} }], `element-forbidden ${provision('.data')}`),
  set('an action', '/provision/action', [{ text: 'x' }], `element-forbidden ${provision('.action')}`),
  set('a class', '/provision/class', [{ code: 'x' }], `element-forbidden ${provision('.class')}`),
  set('a code', '/provision/code', [{ text: 'x' }], `element-forbidden ${provision('.code')}`),
  set('a data period', '/provision/dataPeriod', { start: '2026' }, `element-forbidden ${provision('.dataPeriod')}`),
  drop('an answer without type', '/provision/provision/0/type', `element-missing ${provision('.provision[0].type')}`),
  put(
    'an answer that is neither',
    '/provision/provision/1/type',
    'maybe',
    `code-unknown ${provision('.provision[1].type')}`,
  ),
  drop('an answer for nobody', '/provision/provision/0/actor', `element-missing ${provision('.provision[0].actor')}`),
  put(
    'a requester in another role',
    '/provision/provision/1/actor/1/role',
    coding(ROLES, 'CST'),
    `value-fixed ${provision('.provision[1].actor[1].role')}`,
  ),
  put(
    'a requester that is a holder category',
    '/provision/provision/0/actor/0/reference/identifier/system',
    'https://akkoord.example/fhir/CodeSystem/holder-category',
    `akk-con-24 ${provision('.provision[0].actor[0].reference')}`,
  ),
  put(
    'a requester who is a person',
    '/provision/provision/0/actor/0/reference',
    { reference: 'Practitioner/a' },
    `reference-type ${provision('.provision[0].actor[0].reference.reference')}`,
  ),
  put(
    'a place with a yes and a no',
    '/provision/provision/1/actor/0/reference/identifier/value',
    'RPZAC005',
    `akk-con-16 ${provision()}`,
  ),
  set(
    'a period of an answer',
    '/provision/provision/0/period',
    { start: '2026' },
    `element-forbidden ${provision('.provision[0].period')}`,
  ),
  set(
    'a purpose of an answer',
    '/provision/provision/0/purpose',
    [{ code: 'TREAT' }],
    `element-forbidden ${provision('.provision[0].purpose')}`,
  ),
  set(
    'a third level',
    '/provision/provision/0/provision',
    [{ type: 'deny' }],
    `element-forbidden ${provision('.provision[0].provision')}`,
  ),
  set(
    'a requester of another number',
    '/provision/provision/0/actor/-',
    requester({ identifier: { system: BSN, value: '900186021' } }),
    `akk-con-24 ${provision('.provision[0].actor[1].reference')}`,
  ),
];

/** Changes to an emergency grant. */
export const TO_GRANT: readonly Change[] = [
  drop('no period', '/provision/period', `akk-con-15 ${provision()}`),
  put(
    'an end before the start',
    '/provision/period/end',
    '2026-03-01T09:00:00Z',
    `period-reversed ${provision('.period')}`,
  ),
  put(
    'a second more than 72 hours',
    '/provision/period/end',
    '2026-03-04T10:00:01Z',
    `akk-con-19 ${provision('.period')}`,
  ),
  put(
    'a second less than 72 hours',
    '/provision/period/end',
    '2026-03-04T09:59:59Z',
    `akk-con-19 ${provision('.period')}`,
  ),
  put('a start without time', '/provision/period/start', '2026-03-02', `akk-con-19 ${provision('.period')}`),
  drop('no end', '/provision/period/end', `element-missing ${provision('.period.end')}`),
  drop('not whether the patient agreed', '/extension/2', 'akk-con-10 Consent'),
  put('a reason of 1001 characters', '/extension/3/valueString', 'x'.repeat(1001), 'akk-con-26 Consent'),
  put('a blank reason', '/extension/3/valueString', '  ', 'element-invalid Consent.extension[3].value[x]'),
  put('an unknown way of agreeing', '/extension/2/valueCode', 'nodded', 'code-unknown Consent.extension[2].value'),
  put('a refusal', '/provision/provision/0/type', 'deny', `akk-con-17 ${provision()}`),
  set(
    'two organisations',
    '/provision/provision/0/actor/-',
    requester(organisation('00005098')),
    `akk-con-17 ${provision()}`,
  ),
  put(
    'a requester category',
    '/provision/provision/0/actor/0/reference/identifier',
    { system: 'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie', value: 'RPZAC001' },
    `akk-con-17 ${provision()}`,
  ),
  put(
    'a holder category',
    '/provision/actor/0/reference/identifier',
    { system: 'https://akkoord.example/fhir/CodeSystem/holder-category', value: 'HA' },
    `akk-con-18 ${provision()}`,
  ),
  set(
    'one holder twice',
    '/provision/actor/-',
    { role: coding(ROLES, 'CST'), reference: organisation('00000659') },
    `akk-con-18 ${provision()}`,
  ),
];
